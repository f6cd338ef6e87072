//! XFeat (local features) from its PyTorch state dict, as an ONNX graph; height and width free, multiples of 32.
//!
//! The graph follows the authors' source (Potje et al., *XFeat: Accelerated Features for Lightweight Image Matching*, 2024) without
//! its fine matcher, which needs both pictures at once. Batch normalisation (without learnt scale and shift) is folded into the
//! convolutions. The places where the heat map is highest within 5×5 are found by a pooling beside it.

use super::graph::Graph;
use super::onnx::{AttributeProto, Dimension, ValueInfoProto, float_value};
use super::pickle::state_dict;
use super::tensor::Tensor;
use super::wrong;
use crate::ModelsError;
use std::collections::BTreeMap;

/// Added to a variance before its root, as PyTorch does.
const EPSILON: f32 = 1e-5;
/// Pixels along one side of a descriptor's cell.
const CELL: i64 = 8;

/// Builds the ONNX file: `gray` 1×1×H×W (any range: it is normalised) → `feats` 1×64×H/8×W/8 (unit length), `heat` and
/// `heatmax` 1×1×H×W, `reliability` 1×1×H/8×W/8.
///
/// # Errors
/// [`ModelsError::Convert`] when the archive is not this network's state dict.
pub(crate) fn local_features(archive: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut n = Net { weights: state_dict(archive)?, graph: Graph::default() };
    let (one, zero) = (n.graph.constant(vec![1], vec![1.0])?, n.graph.constant(vec![1], vec![0.0])?);
    let x = n.graph.op("InstanceNormalization", vec!["gray".to_owned(), one, zero], Vec::new());
    let features = n.features(&x)?;
    let mut r = n.layers(features.clone(), "heatmap_head", &[1, 1])?;
    r = n.conv(r, "heatmap_head.2")?;
    n.graph.output("Sigmoid", vec![r], "reliability", Vec::new());
    n.heat(x)?;
    let unit = vec![AttributeProto::int("axis", 1), AttributeProto::int("p", 2)];
    n.graph.output("LpNormalization", vec![features], "feats", unit);
    let output = vec![
        value("feats", 64, ["h", "w"]),
        value("heat", 1, ["H", "W"]),
        value("heatmax", 1, ["H", "W"]),
        value("reliability", 1, ["h", "w"]),
    ];
    Ok(n.graph.finish("xfeat", vec![value("gray", 1, ["H", "W"])], output))
}

fn value(name: &str, channels: i64, [height, width]: [&str; 2]) -> ValueInfoProto {
    let dims = vec![Dimension::fixed(1), Dimension::fixed(channels), Dimension::free(height), Dimension::free(width)];
    float_value(name, dims)
}

struct Net {
    weights: BTreeMap<String, Tensor>,
    graph: Graph,
}

impl Net {
    fn weight(&self, key: &str) -> Result<&Tensor, ModelsError> {
        self.weights.get(key).ok_or_else(|| wrong(format!("there is no weight {key}")))
    }

    /// The pyramid: cells of 8, 16 and 32 pixels, added at 8.
    fn features(&mut self, x: &str) -> Result<String, ModelsError> {
        let quarter = vec![AttributeProto::ints("kernel_shape", &[4, 4]), AttributeProto::ints("strides", &[4, 4])];
        let skip = self.graph.op("AveragePool", vec![x.to_owned()], quarter);
        let skip = self.conv(skip, "skip1.1")?;
        let x = self.layers(x.to_owned(), "block1", &[1, 2, 1, 2])?;
        let x = self.graph.op("Add", vec![x, skip], Vec::new());
        let x = self.layers(x, "block2", &[1, 1])?;
        let x3 = self.layers(x, "block3", &[2, 1, 1])?;
        let x4 = self.layers(x3.clone(), "block4", &[2, 1, 1])?;
        let x5 = self.layers(x4.clone(), "block5", &[2, 1, 1, 1])?;
        let (x4, x5) = (self.enlarged(x4, 2.0)?, self.enlarged(x5, 4.0)?);
        let sum = self.graph.op("Add", vec![x3, x4], Vec::new());
        let sum = self.graph.op("Add", vec![sum, x5], Vec::new());
        let fused = self.layers(sum, "block_fusion", &[1, 1])?;
        self.conv(fused, "block_fusion.2")
    }

    /// How much of a keypoint each pixel is: 64 places and "none" for each cell, laid out as a picture.
    fn heat(&mut self, x: String) -> Result<(), ModelsError> {
        let x = self.graph.op("SpaceToDepth", vec![x], vec![AttributeProto::int("blocksize", CELL)]);
        let k = self.layers(x, "keypoint_head", &[1, 1, 1])?;
        let k = self.conv(k, "keypoint_head.3")?;
        let k = self.graph.op("Softmax", vec![k], vec![AttributeProto::int("axis", 1)]);
        let ends = [self.graph.list(&[0])?, self.graph.list(&[CELL * CELL])?, self.graph.list(&[1])?];
        let k = self.graph.op("Slice", std::iter::once(k).chain(ends).collect(), Vec::new());
        let depth = vec![AttributeProto::int("blocksize", CELL), AttributeProto::text("mode", "DCR")];
        self.graph.output("DepthToSpace", vec![k], "heat", depth);
        let around = vec![
            AttributeProto::ints("kernel_shape", &[5, 5]),
            AttributeProto::ints("pads", &[2; 4]),
            AttributeProto::ints("strides", &[1, 1]),
        ];
        self.graph.output("MaxPool", vec!["heat".to_owned()], "heatmax", around);
        Ok(())
    }

    /// A row of convolutions with normalisation and ReLU, by their strides.
    fn layers(&mut self, mut x: String, block: &str, strides: &[i64]) -> Result<String, ModelsError> {
        for (at, stride) in strides.iter().enumerate() {
            x = self.layer(x, &format!("{block}.{at}.layer"), *stride)?;
        }
        Ok(x)
    }

    fn layer(&mut self, x: String, key: &str, stride: i64) -> Result<String, ModelsError> {
        let mut w = self.weight(&format!("{key}.0.weight"))?.clone();
        let mean = self.weight(&format!("{key}.1.running_mean"))?.as_floats()?;
        let variance = self.weight(&format!("{key}.1.running_var"))?.as_floats()?;
        let scale: Vec<f32> = variance.iter().map(|v| 1.0 / (v + EPSILON).sqrt()).collect();
        let shift = mean.iter().zip(&scale).map(|(m, s)| -m * s).collect();
        w.scale_rows(&scale)?;
        let padding = i64::from(w.dims.last() == Some(&3));
        let input = vec![x, self.graph.tensor(&w)?, self.graph.constant(vec![scale.len()], shift)?];
        let attributes =
            vec![AttributeProto::ints("pads", &[padding; 4]), AttributeProto::ints("strides", &[stride, stride])];
        let x = self.graph.op("Conv", input, attributes);
        Ok(self.graph.op("Relu", vec![x], Vec::new()))
    }

    /// A plain convolution of one pixel with its bias.
    fn conv(&mut self, x: String, key: &str) -> Result<String, ModelsError> {
        let (w, b) = (self.weight(&format!("{key}.weight"))?.clone(), self.weight(&format!("{key}.bias"))?.clone());
        let input = vec![x, self.graph.tensor(&w)?, self.graph.tensor(&b)?];
        Ok(self.graph.op("Conv", input, Vec::new()))
    }

    fn enlarged(&mut self, x: String, times: f32) -> Result<String, ModelsError> {
        let scales = self.graph.constant(vec![4], vec![1.0, 1.0, times, times])?;
        let how = vec![
            AttributeProto::text("mode", "linear"),
            AttributeProto::text("coordinate_transformation_mode", "half_pixel"),
        ];
        Ok(self.graph.op("Resize", vec![x, String::new(), scales], how))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_archive_is_refused() {
        assert!(local_features(b"not a zip").is_err());
    }
}
