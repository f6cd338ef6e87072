//! face-api's expression network: its uint8 weights built into an ONNX graph.
//!
//! The package holds weights only, the graph is known from the library's MIT source: four dense
//! blocks of depthwise-separable convolutions (32, 64, 128, 256 channels) with running sums, one
//! pool, one fully connected layer, softmax over 7 expressions (index 1 = happy). Weights are
//! `q · scale + min`, in fp32, as the library computes them. Input: RGB 0..255; the library's mean
//! (122.782, 117.001, 104.298) and the division by 255 are part of the graph.

use super::graph::Graph;
use super::onnx::{AttributeProto, Dimension, float_value};
use super::tensor::{Tensor, count};
use super::wrong;
use crate::ModelsError;
use serde::Deserialize;
use std::collections::HashMap;

/// Channel means of the library, R G B.
const MEAN: [f32; 3] = [122.782, 117.001, 104.298];
/// Side of the input picture, pixels.
const SIDE: i64 = 112;
/// Dense blocks.
const BLOCKS: usize = 4;

/// Builds the ONNX file from the weight list (JSON) and the weights.
///
/// # Errors
/// [`ModelsError::Convert`] when the two do not fit this network.
pub(crate) fn faceapi_expression(list: &[u8], weights: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut b = Builder { weights: read_weights(list, weights)?, graph: Graph::default() };
    let mean = b.graph.constant(vec![1, 3, 1, 1], MEAN.to_vec())?;
    let x = b.graph.op("Sub", vec!["input".to_owned(), mean], Vec::new());
    #[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is what the library uses")]
    let scale = b.graph.constant(vec![1], vec![(1.0 / 255.0_f64) as f32])?;
    let mut x = b.graph.op("Mul", vec![x, scale], Vec::new());
    for block in 0..BLOCKS {
        x = b.dense_block(block, x)?;
    }
    let pool = vec![AttributeProto::ints("kernel_shape", &[7, 7]), AttributeProto::ints("strides", &[2, 2])];
    let x = b.graph.op("AveragePool", vec![x], pool);
    let x = b.graph.op("Flatten", vec![x], vec![AttributeProto::int("axis", 1)]);
    let full = b.weight("fc/weights", &[0, 1])?;
    let bias = b.weight("fc/bias", &[0])?;
    let y = b.graph.op("Gemm", vec![x, full, bias], Vec::new());
    let axis = vec![AttributeProto::int("axis", 1)];
    b.graph.output("Softmax", vec![y], "prob", axis);
    Ok(b.finish())
}

struct Builder {
    weights: HashMap<String, Tensor>,
    graph: Graph,
}

impl Builder {
    /// A weight with its axes in another order.
    fn weight(&mut self, key: &str, axes: &[usize]) -> Result<String, ModelsError> {
        let tensor = self.weights.get(key).ok_or_else(|| wrong(format!("there is no weight {key}")))?;
        let (dims, values) = transposed(tensor, axes)?;
        self.graph.constant(dims, values)
    }

    /// Height, width, in, out → out, in, height, width.
    fn filters(&mut self, key: &str) -> Result<String, ModelsError> {
        self.weight(key, &[3, 2, 0, 1])
    }

    fn conv3(&mut self, input: Vec<String>, group: Option<i64>, stride: i64) -> String {
        let mut attributes = vec![AttributeProto::text("auto_pad", "SAME_UPPER")];
        attributes.extend(group.map(|g| AttributeProto::int("group", g)));
        attributes.push(AttributeProto::ints("kernel_shape", &[3, 3]));
        attributes.push(AttributeProto::ints("strides", &[stride, stride]));
        self.graph.op("Conv", input, attributes)
    }

    /// Depthwise 3×3, then 1×1 with bias.
    fn separable(&mut self, x: String, key: &str, stride: i64) -> Result<String, ModelsError> {
        let depth = format!("{key}/depthwise_filter");
        let channels = self
            .weights
            .get(&depth)
            .and_then(|t| t.dims.get(2).copied())
            .and_then(|c| i64::try_from(c).ok())
            .ok_or_else(|| wrong(format!("there is no weight {depth}")))?;
        let w = self.weight(&depth, &[2, 3, 0, 1])?;
        let y = self.conv3(vec![x, w], Some(channels), stride);
        let w = self.filters(&format!("{key}/pointwise_filter"))?;
        let bias = self.weight(&format!("{key}/bias"), &[0])?;
        let kernel = vec![AttributeProto::ints("kernel_shape", &[1, 1])];
        Ok(self.graph.op("Conv", vec![y, w, bias], kernel))
    }

    fn relu(&mut self, x: String) -> String {
        self.graph.op("Relu", vec![x], Vec::new())
    }

    fn add(&mut self, a: String, b: String) -> String {
        self.graph.op("Add", vec![a, b], Vec::new())
    }

    fn dense_block(&mut self, block: usize, x: String) -> Result<String, ModelsError> {
        let key = |conv: usize| format!("dense{block}/conv{conv}");
        let first = if block == 0 {
            let w = self.filters(&format!("{}/filters", key(0)))?;
            let bias = self.weight(&format!("{}/bias", key(0)), &[0])?;
            self.conv3(vec![x, w, bias], None, 2)
        } else {
            self.separable(x, &key(0), 2)?
        };
        let one = self.relu(first);
        let two = self.separable(one.clone(), &key(1), 1)?;
        let mut sum = self.add(one, two);
        for conv in 2..=3 {
            let on = self.relu(sum.clone());
            let more = self.separable(on, &key(conv), 1)?;
            sum = self.add(sum, more);
        }
        Ok(self.relu(sum))
    }

    fn finish(self) -> Vec<u8> {
        let picture = vec![Dimension::free("N"), Dimension::fixed(3), Dimension::fixed(SIDE), Dimension::fixed(SIDE)];
        let chances = vec![Dimension::free("N"), Dimension::fixed(7)];
        self.graph.finish("expr", vec![float_value("input", picture)], vec![float_value("prob", chances)])
    }
}

fn transposed(t: &Tensor, axes: &[usize]) -> Result<(Vec<usize>, Vec<f32>), ModelsError> {
    let values = t.as_floats()?;
    let misfit = || wrong("a weight has another number of axes");
    if axes.len() != t.dims.len() {
        return Err(misfit());
    }
    let mut steps = vec![1usize; t.dims.len()];
    for place in (1..t.dims.len()).rev() {
        let step = steps.get(place).zip(t.dims.get(place)).map(|(s, d)| s * d);
        if let (Some(to), Some(step)) = (steps.get_mut(place - 1), step) {
            *to = step;
        }
    }
    let picked: Option<Vec<(usize, usize)>> =
        axes.iter().map(|a| t.dims.get(*a).copied().zip(steps.get(*a).copied())).collect();
    let picked = picked.ok_or_else(misfit)?;
    let value_at = |mut place: usize| {
        let mut from = 0;
        for (size, step) in picked.iter().rev() {
            from += place % size * step;
            place /= size;
        }
        values.get(from).copied().ok_or_else(misfit)
    };
    let moved = (0..values.len()).map(value_at).collect::<Result<_, _>>()?;
    Ok((picked.iter().map(|(size, _)| *size).collect(), moved))
}

#[derive(Deserialize)]
struct Group {
    weights: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    shape: Vec<usize>,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
    scale: f64,
    min: f64,
}

fn read_weights(list: &[u8], bytes: &[u8]) -> Result<HashMap<String, Tensor>, ModelsError> {
    let groups: Vec<Group> =
        serde_json::from_slice(list).map_err(|e| wrong(format!("the weight list is not readable ({e})")))?;
    let mut rest = bytes;
    let mut all = HashMap::new();
    for listed in groups.into_iter().flat_map(|g| g.weights) {
        let n = count(&listed.shape)?;
        let values = match &listed.quantization {
            Some(q) if q.dtype == "uint8" => dequantized(take(&mut rest, n)?, q),
            Some(q) => return Err(wrong(format!("{} weights are not supported", q.dtype))),
            None => {
                let raw = take(&mut rest, n.saturating_mul(4))?;
                let words = raw.as_chunks::<4>().0;
                words.iter().map(|b| f32::from_le_bytes(*b)).collect()
            }
        };
        all.insert(listed.name, Tensor::floats(listed.shape, values));
    }
    if !rest.is_empty() {
        return Err(wrong("there are more weights than the list names"));
    }
    Ok(all)
}

#[expect(clippy::cast_possible_truncation, reason = "the library rounds scale and minimum to fp32, too")]
fn dequantized(raw: &[u8], q: &Quantization) -> Vec<f32> {
    let (scale, min) = (q.scale as f32, q.min as f32);
    raw.iter().map(|v| f32::from(*v) * scale + min).collect()
}

fn take<'b>(rest: &mut &'b [u8], n: usize) -> Result<&'b [u8], ModelsError> {
    let (taken, left) = rest.split_at_checked(n).ok_or_else(|| wrong("there are fewer weights than the list names"))?;
    *rest = left;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_move_with_their_values() {
        let t = Tensor::floats(vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let (dims, values) = transposed(&t, &[1, 0]).unwrap();
        assert_eq!(dims, [3, 2]);
        assert_eq!(values, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert!(transposed(&t, &[0]).is_err());
        assert!(transposed(&t, &[0, 2]).is_err());
    }

    #[test]
    fn weights_are_scaled_and_must_fit_the_list() {
        let list = br#"[{"weights":[
            {"name":"a","shape":[2],"dtype":"float32","quantization":{"dtype":"uint8","scale":0.5,"min":-1.0}},
            {"name":"b","shape":[1],"dtype":"float32"}]}]"#;
        let bytes = [&[0u8, 4][..], &2.5f32.to_le_bytes()].concat();
        let all = read_weights(list, &bytes).unwrap();
        assert_eq!(all["a"], Tensor::floats(vec![2], vec![-1.0, 1.0]));
        assert_eq!(all["b"], Tensor::floats(vec![1], vec![2.5]));
        assert!(read_weights(list, &bytes[..5]).is_err(), "too few");
        assert!(read_weights(list, &[bytes.as_slice(), b"x"].concat()).is_err(), "too many");
        assert!(faceapi_expression(list, &bytes).is_err(), "another network");
        assert!(faceapi_expression(b"{}", &bytes).is_err());
    }
}
