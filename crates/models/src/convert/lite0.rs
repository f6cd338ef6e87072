//! EfficientNet-lite0 from its PyTorch weights, as an ONNX graph for 224×224.
//!
//! The graph follows the published network (`EfficientNet-lite`, TensorFlow's "same" padding, ReLU6, no squeeze-and-excite); batch
//! normalisation is folded into the convolutions. What the classifier looks at is an output too: `map`, before its mean.

use super::graph::Graph;
use super::onnx::{AttributeProto, Dimension, float_value};
use super::pickle::state_dict;
use super::tensor::Tensor;
use super::wrong;
use crate::ModelsError;
use std::collections::BTreeMap;

/// Side of the input, pixels.
const SIDE: i64 = 224;
/// Added to a variance before its root, as the network was trained.
const EPSILON: f32 = 1e-3;
/// Each stage's blocks: how many, stride of the first, whether the input is widened first.
const STAGES: [(usize, i64, bool); 7] =
    [(1, 1, false), (2, 2, true), (2, 2, true), (3, 2, true), (3, 1, true), (4, 2, true), (1, 1, true)];
/// Channels and side of `map`.
const MAP: [i64; 3] = [1280, 7, 7];

/// Builds the ONNX file: `x` 1×3×224×224 RGB, (v − 127) / 128 → `map` 1×1280×7×7 (≥ 0) and `logits` 1×1000 (ImageNet).
///
/// # Errors
/// [`ModelsError::Convert`] when the file is not this network's state dict.
pub(crate) fn pet_embedder(file: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut n =
        Net { weights: state_dict(file)?, graph: Graph::default(), side: SIDE, bounds: [const { String::new() }; 2] };
    n.bounds = [n.graph.constant(vec![], vec![0.0])?, n.graph.constant(vec![], vec![6.0])?];
    let mut x = n.active("x".to_owned(), ("_conv_stem", "_bn0"), 2)?;
    let mut at = 0;
    for (blocks, first, widened) in STAGES {
        for place in 0..blocks {
            x = n.block(x, at, if place == 0 { first } else { 1 }, (widened, place > 0))?;
            at += 1;
        }
    }
    let map = n.normed(x, ("_conv_head", "_bn1"), 1)?;
    n.graph.output("Clip", n.clipped(map), "map", Vec::new());
    let axes = vec![AttributeProto::ints("axes", &[2, 3]), AttributeProto::int("keepdims", 0)];
    let mean = n.graph.op("ReduceMean", vec!["map".to_owned()], axes);
    let (w, b) = (n.weight("_fc.weight")?.clone(), n.weight("_fc.bias")?.clone());
    let input = vec![mean, n.graph.tensor(&w)?, n.graph.tensor(&b)?];
    n.graph.output("Gemm", input, "logits", vec![AttributeProto::int("transB", 1)]);
    let fixed = |sizes: &[i64]| std::iter::once(&1).chain(sizes).map(|s| Dimension::fixed(*s)).collect();
    let input = vec![float_value("x", fixed(&[3, SIDE, SIDE]))];
    Ok(n.graph.finish(
        "efficientnet_lite0",
        input,
        vec![float_value("map", fixed(&MAP)), float_value("logits", fixed(&[1000]))],
    ))
}

struct Net {
    weights: BTreeMap<String, Tensor>,
    graph: Graph,
    /// Side of what the next convolution sees.
    side: i64,
    /// Constants 0 and 6.
    bounds: [String; 2],
}

impl Net {
    fn weight(&self, key: &str) -> Result<&Tensor, ModelsError> {
        self.weights.get(key).ok_or_else(|| wrong(format!("there is no weight {key}")))
    }

    /// An inverted residual block.
    fn block(
        &mut self,
        x: String,
        at: usize,
        stride: i64,
        (widened, repeated): (bool, bool),
    ) -> Result<String, ModelsError> {
        let key = |part: &str| format!("_blocks.{at}.{part}");
        let mut y = x.clone();
        if widened {
            y = self.active(y, (&key("_expand_conv"), &key("_bn0")), 1)?;
        }
        y = self.active(y, (&key("_depthwise_conv"), &key("_bn1")), stride)?;
        y = self.normed(y, (&key("_project_conv"), &key("_bn2")), 1)?;
        Ok(if repeated { self.graph.op("Add", vec![y, x], Vec::new()) } else { y })
    }

    fn clipped(&self, x: String) -> Vec<String> {
        std::iter::once(x).chain(self.bounds.iter().cloned()).collect()
    }

    fn active(&mut self, x: String, keys: (&str, &str), stride: i64) -> Result<String, ModelsError> {
        let x = self.normed(x, keys, stride)?;
        let input = self.clipped(x);
        Ok(self.graph.op("Clip", input, Vec::new()))
    }

    /// A convolution with its normalisation folded in. One that sees a single channel is depthwise.
    fn normed(&mut self, x: String, (conv, norm): (&str, &str), stride: i64) -> Result<String, ModelsError> {
        let mut w = self.weight(&format!("{conv}.weight"))?.clone();
        let read = |part: &str| self.weight(&format!("{norm}.{part}"))?.as_floats();
        let (gain, bias) = (read("weight")?, read("bias")?);
        let (mean, variance) = (read("running_mean")?, read("running_var")?);
        let scale: Vec<f32> = gain.iter().zip(&variance).map(|(g, v)| g / (v + EPSILON).sqrt()).collect();
        let shift = bias.iter().zip(&mean).zip(&scale).map(|((b, m), s)| b - m * s).collect();
        w.scale_rows(&scale)?;
        let kernel = w.dims.last().and_then(|k| i64::try_from(*k).ok()).unwrap_or(1);
        let groups = if w.dims.get(1) == Some(&1) { scale.len() } else { 1 };
        let out = (self.side + stride - 1) / stride;
        let padding = ((out - 1) * stride + kernel - self.side).max(0);
        let (before, after) = (padding / 2, padding - padding / 2);
        self.side = out;
        let input = vec![x, self.graph.tensor(&w)?, self.graph.constant(vec![scale.len()], shift)?];
        let attributes = vec![
            AttributeProto::int("group", i64::try_from(groups).unwrap_or(1)),
            AttributeProto::ints("pads", &[before, before, after, after]),
            AttributeProto::ints("strides", &[stride, stride]),
        ];
        Ok(self.graph.op("Conv", input, attributes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_is_refused() {
        assert!(pet_embedder(b"not a state dict").is_err());
    }
}
