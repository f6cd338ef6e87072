//! CAM++ (3D-Speaker, 192-d speaker embedding) from its PyTorch state dict, as an ONNX graph for 3 s of speech.
//!
//! The graph follows the authors' source: a small 2-D residual front, a time-delay layer that halves the rate, three blocks of
//! densely connected layers with context-aware masking, mean and deviation over time, one projection. Two things differ in
//! form, not in value: the mean over each 100-frame segment plus the mean over all frames is one product with a fixed matrix
//! (the mask is computed once for each segment, not for each frame), and there is no last ReLU: upstream has none, the
//! package's own Python adds one and loses by it (EER 0.44 % instead of 0.21 %).

use super::graph::Graph;
use super::onnx::{AttributeProto, Dimension, float_value};
use super::pickle::state_dict;
use super::tensor::{Tensor, count};
use super::wrong;
use crate::ModelsError;
use std::collections::BTreeMap;

/// Frames of one input: 3.0 s at 100 a second, less the window's tail.
const FRAMES: i64 = 298;
const MELS: i64 = 80;
/// Frames after the layer that halves the rate.
const HALF: usize = 149;
/// Frames of one context segment.
const SEGMENT: usize = 100;
/// Layers and dilation of each dense block.
const BLOCKS: [(usize, i64); 3] = [(12, 1), (24, 2), (16, 2)];
const EMBEDDING: i64 = 192;

/// Builds the ONNX file.
///
/// # Errors
/// [`ModelsError::Convert`] when the archive is not this network's state dict.
pub(crate) fn speaker_embedding(archive: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut n = Net { weights: state_dict(archive)?, graph: Graph::default() };
    let x = n.graph.transpose("feats".to_owned(), &[0, 2, 1]);
    let x = n.graph.reshape(x, &[1, 1, MELS, FRAMES])?;
    let x = n.front(x)?;
    let x = n.graph.reshape(x, &[1, MELS / 8 * 32, FRAMES])?;
    let x = n.conv1(x, "xvector.tdnn.linear", Conv { stride: 2, padding: 2, dilation: 1 })?;
    let mut x = n.norm_relu(x, "xvector.tdnn.nonlinear.batchnorm")?;
    let (means, spread) = n.context()?;
    for (at, (layers, dilation)) in BLOCKS.into_iter().enumerate() {
        for layer in 1..=layers {
            let key = format!("xvector.block{}.tdnnd{layer}", at + 1);
            let more = n.dense_layer(x.clone(), &key, dilation, (&means, &spread))?;
            x = n.graph.op("Concat", vec![x, more], vec![AttributeProto::int("axis", 1)]);
        }
        let key = format!("xvector.transit{}", at + 1);
        let on = n.norm_relu(x, &format!("{key}.nonlinear.batchnorm"))?;
        x = n.conv1(on, &format!("{key}.linear"), Conv::POINT)?;
    }
    let x = n.norm_relu(x, "xvector.out_nonlinear.batchnorm")?;
    let x = n.statistics(x)?;
    let x = n.conv1(x, "xvector.dense.linear", Conv::POINT)?;
    let x = n.norm(x, "xvector.dense.nonlinear.batchnorm")?;
    let dims = n.graph.list(&[1, EMBEDDING])?;
    n.graph.output("Reshape", vec![x, dims], "emb", Vec::new());
    let fixed = |sizes: &[i64]| sizes.iter().map(|s| Dimension::fixed(*s)).collect();
    let input = vec![float_value("feats", fixed(&[1, FRAMES, MELS]))];
    Ok(n.graph.finish("campplus", input, vec![float_value("emb", fixed(&[1, EMBEDDING]))]))
}

#[derive(Clone, Copy)]
struct Conv {
    stride: i64,
    padding: i64,
    dilation: i64,
}

impl Conv {
    const POINT: Self = Self { stride: 1, padding: 0, dilation: 1 };
}

struct Net {
    weights: BTreeMap<String, Tensor>,
    graph: Graph,
}

impl Net {
    fn weight(&self, key: &str) -> Result<&Tensor, ModelsError> {
        self.weights.get(key).ok_or_else(|| wrong(format!("there is no weight {key}")))
    }

    fn constant(&mut self, key: &str) -> Result<String, ModelsError> {
        let tensor = self.weight(key)?.clone();
        self.graph.tensor(&tensor)
    }

    fn relu(&mut self, x: String) -> String {
        self.graph.op("Relu", vec![x], Vec::new())
    }

    /// Batch normalisation; without learnt scale and shift it only centres and scales.
    fn norm(&mut self, x: String, key: &str) -> Result<String, ModelsError> {
        let mean = self.weight(&format!("{key}.running_mean"))?.clone();
        let or = |found: Option<&Tensor>, value: f32| -> Result<Tensor, ModelsError> {
            Ok(found.cloned().unwrap_or(Tensor::floats(mean.dims.clone(), vec![value; count(&mean.dims)?])))
        };
        let scale = or(self.weights.get(&format!("{key}.weight")), 1.0)?;
        let shift = or(self.weights.get(&format!("{key}.bias")), 0.0)?;
        let mut input = vec![x, self.graph.tensor(&scale)?, self.graph.tensor(&shift)?, self.graph.tensor(&mean)?];
        input.push(self.constant(&format!("{key}.running_var"))?);
        Ok(self.graph.op("BatchNormalization", input, Vec::new()))
    }

    fn norm_relu(&mut self, x: String, key: &str) -> Result<String, ModelsError> {
        let x = self.norm(x, key)?;
        Ok(self.relu(x))
    }

    /// A convolution over time, with its bias where it has one.
    fn conv1(&mut self, x: String, key: &str, conv: Conv) -> Result<String, ModelsError> {
        let mut input = vec![x, self.constant(&format!("{key}.weight"))?];
        if self.weights.contains_key(&format!("{key}.bias")) {
            input.push(self.constant(&format!("{key}.bias"))?);
        }
        let attributes = vec![
            AttributeProto::ints("dilations", &[conv.dilation]),
            AttributeProto::ints("pads", &[conv.padding, conv.padding]),
            AttributeProto::ints("strides", &[conv.stride]),
        ];
        Ok(self.graph.op("Conv", input, attributes))
    }

    /// A convolution over frequency and time, with its normalisation.
    fn conv2(&mut self, x: String, (conv, norm): (&str, &str), stride: i64) -> Result<String, ModelsError> {
        let w = self.weight(&format!("{conv}.weight"))?.clone();
        let padding = i64::from(w.dims.last() == Some(&3));
        let w = self.graph.tensor(&w)?;
        let attributes =
            vec![AttributeProto::ints("pads", &[padding; 4]), AttributeProto::ints("strides", &[stride, 1])];
        let x = self.graph.op("Conv", vec![x, w], attributes);
        self.norm(x, norm)
    }

    /// The 2-D front: 80 mel bands become 10 bands of 32 channels.
    fn front(&mut self, x: String) -> Result<String, ModelsError> {
        let x = self.conv2(x, ("head.conv1", "head.bn1"), 1)?;
        let mut x = self.relu(x);
        for layer in 1..=2 {
            x = self.residual(x, &format!("head.layer{layer}.0"), 2)?;
            x = self.residual(x, &format!("head.layer{layer}.1"), 1)?;
        }
        let x = self.conv2(x, ("head.conv2", "head.bn2"), 2)?;
        Ok(self.relu(x))
    }

    fn residual(&mut self, x: String, key: &str, stride: i64) -> Result<String, ModelsError> {
        let part = |p: &str| format!("{key}.{p}");
        let y = self.conv2(x.clone(), (&part("conv1"), &part("bn1")), stride)?;
        let y = self.relu(y);
        let y = self.conv2(y, (&part("conv2"), &part("bn2")), 1)?;
        let short = match stride {
            1 => x,
            _ => self.conv2(x, (&part("shortcut.0"), &part("shortcut.1")), stride)?,
        };
        let sum = self.graph.op("Add", vec![y, short], Vec::new());
        Ok(self.relu(sum))
    }

    /// Frames → one column a segment (its mean plus the mean of all), and segments → frames.
    fn context(&mut self) -> Result<(String, String), ModelsError> {
        let segments = HALF.div_ceil(SEGMENT);
        let of = |frame: usize, segment: usize| frame / SEGMENT == segment;
        let length = |segment: usize| (HALF - segment * SEGMENT).min(SEGMENT);
        let mut means = Vec::with_capacity(HALF * segments);
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^23")]
        for frame in 0..HALF {
            for segment in 0..segments {
                let inside = if of(frame, segment) { 1.0 / length(segment) as f32 } else { 0.0 };
                means.push(inside + 1.0 / HALF as f32);
            }
        }
        let spread = (0..segments).flat_map(|s| (0..HALF).map(move |f| f32::from(u8::from(of(f, s))))).collect();
        let means = self.graph.constant(vec![HALF, segments], means)?;
        Ok((means, self.graph.constant(vec![segments, HALF], spread)?))
    }

    fn dense_layer(
        &mut self,
        x: String,
        key: &str,
        dilation: i64,
        (means, spread): (&str, &str),
    ) -> Result<String, ModelsError> {
        let on = self.norm_relu(x, &format!("{key}.nonlinear1.batchnorm"))?;
        let h = self.conv1(on, &format!("{key}.linear1"), Conv::POINT)?;
        let h = self.norm_relu(h, &format!("{key}.nonlinear2.batchnorm"))?;
        let local = Conv { stride: 1, padding: dilation, dilation };
        let y = self.conv1(h.clone(), &format!("{key}.cam_layer.linear_local"), local)?;
        let seen = self.graph.op("MatMul", vec![h, means.to_owned()], Vec::new());
        let seen = self.conv1(seen, &format!("{key}.cam_layer.linear1"), Conv::POINT)?;
        let seen = self.relu(seen);
        let seen = self.conv1(seen, &format!("{key}.cam_layer.linear2"), Conv::POINT)?;
        let mask = self.graph.op("Sigmoid", vec![seen], Vec::new());
        let mask = self.graph.op("MatMul", vec![mask, spread.to_owned()], Vec::new());
        Ok(self.graph.op("Mul", vec![y, mask], Vec::new()))
    }

    /// Mean and unbiased deviation over time, stacked.
    fn statistics(&mut self, x: String) -> Result<String, ModelsError> {
        let over_time = || vec![AttributeProto::ints("axes", &[-1])];
        let mean = self.graph.op("ReduceMean", vec![x.clone()], over_time());
        let apart = self.graph.op("Sub", vec![x, mean.clone()], Vec::new());
        let square = self.graph.op("Mul", vec![apart.clone(), apart], Vec::new());
        let variance = self.graph.op("ReduceMean", vec![square], over_time());
        #[expect(clippy::cast_precision_loss, reason = "149")]
        let unbiased = self.graph.constant(vec![1], vec![HALF as f32 / (HALF - 1) as f32])?;
        let variance = self.graph.op("Mul", vec![variance, unbiased], Vec::new());
        let deviation = self.graph.op("Sqrt", vec![variance], Vec::new());
        Ok(self.graph.op("Concat", vec![mean, deviation], vec![AttributeProto::int("axis", 1)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_archive_is_refused() {
        assert!(speaker_embedding(b"not a zip").is_err());
    }
}
