//! Whisper from CTranslate2's file, as two ONNX graphs made for one task: which digits were spoken?
//!
//! The encoder takes a log-mel picture of 8 s and gives, for each decoder layer, the keys and values that the decoder will look
//! at. The decoder scores a fixed number of given tokens at once: which token may look at which is an input, so that the
//! prompt can be scored in several contexts in one run. It knows only the tokens of digits, of the end and of the beginnings,
//! and answers with the logits of ten digits and the end; the other 51,853 words are left out.
//! Attention's scale 1/8 is part of the query weights (a power of two, so exact). GELU is the exact one.

use super::ct2::Weights;
use super::graph::Graph;
use super::onnx::{AttributeProto, Dimension, ValueInfoProto, float_value};
use super::tensor::{Data, Tensor, count};
use super::wrong;
use crate::ModelsError;

const SPECIFICATION: &str = "WhisperSpec";
/// Mel frames of the encoder's input: 8 s.
const FRAMES: i64 = 800;
const MELS: i64 = 80;
/// Places after the convolution that halves the rate.
const PLACES: usize = 400;
/// Width of one attention head, the same in every size of the model.
const HEAD: i64 = 64;
/// Tokens of one decoder run: twelve or thirteen to begin with and six digits, twice with different beginnings.
const TOKENS: i64 = 32;
/// Positions that the decoder can tell apart here.
const POSITIONS: usize = 32;
/// Digits and the end.
const ANSWERS: usize = 11;

/// Tokens of the English-only vocabulary, in the order that the decoder's `ids` count: the words " 0" to " 9", end of text, start
/// of transcript, no time stamps, start of the previous text.
pub(crate) const ENGLISH_TOKENS: [usize; 14] =
    [657, 352, 362, 513, 604, 642, 718, 767, 807, 860, 50256, 50257, 50362, 50360];

/// The encoder: `mel` 1×80×800 → `cross` 2·layers×400×width (keys and values by turns).
///
/// # Errors
/// [`ModelsError::Convert`] when the file is not a Whisper model.
pub(crate) fn encoder(file: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut n = Net::open(file)?;
    let x = n.conv("mel".to_owned(), "encoder/conv1", 1)?;
    let x = n.conv(x, "encoder/conv2", 2)?;
    let x = n.graph.transpose(x, &[0, 2, 1]);
    let x = n.graph.reshape(x, &[i64::try_from(PLACES).unwrap_or(0), n.width])?;
    let places = rows(n.weights.get("encoder/position_encodings/encodings", 2)?, 0..PLACES)?;
    let places = n.graph.tensor(&places)?;
    let mut x = n.add(x, places);
    for layer in 0..n.layers {
        let key = format!("encoder/layer_{layer}");
        let y = n.layer_norm(x.clone(), &format!("{key}/self_attention/layer_norm"))?;
        let y = n.self_attention(y, &format!("{key}/self_attention"), None)?;
        x = n.add(x, y);
        x = n.feed_forward(x, &key)?;
    }
    let x = n.layer_norm(x, "encoder/layer_norm")?;
    let mut cross = Vec::new();
    for layer in 0..n.layers {
        for part in 0..2 {
            let y = n.linear(x.clone(), &format!("decoder/layer_{layer}/attention/linear_1"), part, 2)?;
            cross.push(n.graph.reshape(y, &[1, i64::try_from(PLACES).unwrap_or(0), n.width])?);
        }
    }
    n.graph.output("Concat", cross, "cross", vec![AttributeProto::int("axis", 0)]);
    let input = vec![value("mel", &[1, MELS, FRAMES])];
    let output = vec![n.cross_value()?];
    Ok(n.graph.finish("encoder", input, output))
}

/// The decoder: `ids` 32 (places in `tokens`), `positions` 32, `mask` 32×32 (0 = may look, −1e9 = may not), `cross` as the
/// encoder gives it → `logits` 32×11. The first eleven of `tokens` are the answers.
///
/// # Errors
/// [`ModelsError::Convert`] when the file is not a Whisper model with these tokens.
pub(crate) fn digit_decoder(file: &[u8], tokens: &[usize]) -> Result<Vec<u8>, ModelsError> {
    let mut n = Net::open(file)?;
    let words = n.weights.get("decoder/embeddings/weight", 2)?;
    let known: Vec<Tensor> = tokens.iter().map(|t| rows(words, *t..t + 1)).collect::<Result<_, _>>()?;
    let known: Vec<f32> = known.iter().map(Tensor::as_floats).collect::<Result<Vec<_>, _>>()?.concat();
    let width = usize::try_from(n.width).unwrap_or(0);
    let answers = known.get(..ANSWERS * width).ok_or_else(|| wrong("too few tokens"))?.to_vec();
    let words = n.graph.constant(vec![tokens.len(), width], known)?;
    let places = rows(n.weights.get("decoder/position_encodings/encodings", 2)?, 0..POSITIONS)?;
    let places = n.graph.tensor(&places)?;
    let (word, place) = (n.gather(words, "ids"), n.gather(places, "positions"));
    let mut x = n.add(word, place);
    for layer in 0..n.layers {
        let key = format!("decoder/layer_{layer}");
        let y = n.layer_norm(x.clone(), &format!("{key}/self_attention/layer_norm"))?;
        let y = n.self_attention(y, &format!("{key}/self_attention"), Some("mask"))?;
        x = n.add(x, y);
        let y = n.layer_norm(x.clone(), &format!("{key}/attention/layer_norm"))?;
        let y = n.cross_attention(y, &format!("{key}/attention"), layer)?;
        x = n.add(x, y);
        x = n.feed_forward(x, &key)?;
    }
    let x = n.layer_norm(x, "decoder/layer_norm")?;
    let answers = n.graph.constant(vec![ANSWERS, width], answers)?;
    n.graph.output("Gemm", vec![x, answers], "logits", vec![AttributeProto::int("transB", 1)]);
    let mut input = vec![value("ids", &[TOKENS]), value("positions", &[TOKENS]), value("mask", &[TOKENS, TOKENS])];
    input.push(n.cross_value()?);
    let output = vec![value("logits", &[TOKENS, i64::try_from(ANSWERS).unwrap_or(0)])];
    Ok(n.graph.finish("decoder", input, output))
}

fn value(name: &str, sizes: &[i64]) -> ValueInfoProto {
    float_value(name, sizes.iter().map(|s| Dimension::fixed(*s)).collect())
}

/// Some rows of a matrix, or of a vector's values.
fn rows(t: &Tensor, range: std::ops::Range<usize>) -> Result<Tensor, ModelsError> {
    let (Some(all), Data::F32(values)) = (t.dims.first().copied(), &t.data) else {
        return Err(wrong("a weight is not a matrix"));
    };
    let row = count(t.dims.get(1..).unwrap_or_default())?;
    let found = values.get(range.start * row..range.end * row).filter(|_| range.end <= all);
    let found = found.ok_or_else(|| wrong("a weight has too few rows"))?.to_vec();
    let mut dims = t.dims.clone();
    if let Some(first) = dims.first_mut() {
        *first = range.len();
    }
    Ok(Tensor::floats(dims, found))
}

struct Net {
    weights: Weights,
    graph: Graph,
    width: i64,
    layers: usize,
}

impl Net {
    fn open(file: &[u8]) -> Result<Self, ModelsError> {
        const MOST_LAYERS: usize = 32;
        let weights = Weights::read(file, SPECIFICATION)?;
        let width = weights.get("encoder/conv1/weight", 3)?.dims.first().copied().unwrap_or(0);
        let has = |layer: &usize| weights.get(&format!("decoder/layer_{layer}/ffn/layer_norm/gamma"), 1).is_ok();
        let layers = (0..MOST_LAYERS).take_while(has).count();
        let width = i64::try_from(width).map_err(|_| wrong("too wide"))?;
        Ok(Self { weights, graph: Graph::default(), width, layers })
    }

    fn cross_value(&self) -> Result<ValueInfoProto, ModelsError> {
        let n = |v: usize| i64::try_from(v).map_err(|_| wrong("too large"));
        Ok(value("cross", &[n(2 * self.layers)?, n(PLACES)?, self.width]))
    }

    fn constant(&mut self, key: &str, rank: usize) -> Result<String, ModelsError> {
        let tensor = self.weights.get(key, rank)?.clone();
        self.graph.tensor(&tensor)
    }

    fn add(&mut self, a: String, b: String) -> String {
        self.graph.op("Add", vec![a, b], Vec::new())
    }

    fn gelu(&mut self, x: String) -> Result<String, ModelsError> {
        let root = self.graph.constant(vec![1], vec![std::f32::consts::SQRT_2])?;
        let (one, half) = (self.graph.constant(vec![1], vec![1.0])?, self.graph.constant(vec![1], vec![0.5])?);
        let y = self.graph.op("Div", vec![x.clone(), root], Vec::new());
        let y = self.graph.op("Erf", vec![y], Vec::new());
        let y = self.add(y, one);
        let y = self.graph.op("Mul", vec![x, y], Vec::new());
        Ok(self.graph.op("Mul", vec![y, half], Vec::new()))
    }

    fn conv(&mut self, x: String, key: &str, stride: i64) -> Result<String, ModelsError> {
        let (w, bias) = (self.constant(&format!("{key}/weight"), 3)?, self.constant(&format!("{key}/bias"), 1)?);
        let attributes = vec![AttributeProto::ints("pads", &[1, 1]), AttributeProto::ints("strides", &[stride])];
        let y = self.graph.op("Conv", vec![x, w, bias], attributes);
        self.gelu(y)
    }

    fn layer_norm(&mut self, x: String, key: &str) -> Result<String, ModelsError> {
        let axes = || vec![AttributeProto::ints("axes", &[-1])];
        let mean = self.graph.op("ReduceMean", vec![x.clone()], axes());
        let apart = self.graph.op("Sub", vec![x, mean], Vec::new());
        let square = self.graph.op("Mul", vec![apart.clone(), apart.clone()], Vec::new());
        let variance = self.graph.op("ReduceMean", vec![square], axes());
        let tiny = self.graph.constant(vec![1], vec![1e-5])?;
        let variance = self.add(variance, tiny);
        let deviation = self.graph.op("Sqrt", vec![variance], Vec::new());
        let y = self.graph.op("Div", vec![apart, deviation], Vec::new());
        let scale = self.constant(&format!("{key}/gamma"), 1)?;
        let shift = self.constant(&format!("{key}/beta"), 1)?;
        let y = self.graph.op("Mul", vec![y, scale], Vec::new());
        Ok(self.add(y, shift))
    }

    /// Part `part` of `parts` of a linear layer whose rows are stacked.
    fn linear(&mut self, x: String, key: &str, part: usize, parts: usize) -> Result<String, ModelsError> {
        self.scaled_linear(x, key, (part, parts), 1.0)
    }

    fn scaled_linear(
        &mut self,
        x: String,
        key: &str,
        (part, parts): (usize, usize),
        scale: f32,
    ) -> Result<String, ModelsError> {
        let mut input = vec![x];
        for (name, rank) in [("weight", 2), ("bias", 1)] {
            let whole = self.weights.get(&format!("{key}/{name}"), rank)?;
            let size = whole.dims.first().copied().unwrap_or(0) / parts.max(1);
            let mut taken = rows(whole, part * size..(part + 1) * size)?;
            if let Data::F32(values) = &mut taken.data {
                values.iter_mut().for_each(|v| *v *= scale);
            }
            input.push(self.graph.tensor(&taken)?);
        }
        Ok(self.graph.op("Gemm", input, vec![AttributeProto::int("transB", 1)]))
    }

    /// n×width → heads×n×64.
    fn heads(&mut self, x: String) -> Result<String, ModelsError> {
        let x = self.graph.reshape(x, &[-1, self.width / HEAD, HEAD])?;
        Ok(self.graph.transpose(x, &[1, 0, 2]))
    }

    fn attend(&mut self, [q, k, v]: [String; 3], mask: Option<&str>) -> Result<String, ModelsError> {
        let (q, k, v) = (self.heads(q)?, self.heads(k)?, self.heads(v)?);
        let k = self.graph.transpose(k, &[0, 2, 1]);
        let mut w = self.graph.op("MatMul", vec![q, k], Vec::new());
        if let Some(mask) = mask {
            w = self.add(w, mask.to_owned());
        }
        let w = self.graph.op("Softmax", vec![w], vec![AttributeProto::int("axis", -1)]);
        let y = self.graph.op("MatMul", vec![w, v], Vec::new());
        let y = self.graph.transpose(y, &[1, 0, 2]);
        self.graph.reshape(y, &[-1, self.width])
    }

    fn self_attention(&mut self, x: String, key: &str, mask: Option<&str>) -> Result<String, ModelsError> {
        const SCALE: f32 = 0.125;
        let stacked = format!("{key}/linear_0");
        let q = self.scaled_linear(x.clone(), &stacked, (0, 3), SCALE)?;
        let (k, v) = (self.linear(x.clone(), &stacked, 1, 3)?, self.linear(x, &stacked, 2, 3)?);
        let y = self.attend([q, k, v], mask)?;
        self.linear(y, &format!("{key}/linear_1"), 0, 1)
    }

    fn cross_attention(&mut self, x: String, key: &str, layer: usize) -> Result<String, ModelsError> {
        const SCALE: f32 = 0.125;
        let q = self.scaled_linear(x, &format!("{key}/linear_0"), (0, 1), SCALE)?;
        let mut take = |n: usize| -> Result<String, ModelsError> {
            let index = self.graph.list(&[i64::try_from(n).map_err(|_| wrong("too large"))?])?;
            let y = self.graph.op("Gather", vec!["cross".to_owned(), index], vec![AttributeProto::int("axis", 0)]);
            self.graph.reshape(y, &[-1, self.width])
        };
        let (k, v) = (take(2 * layer)?, take(2 * layer + 1)?);
        let y = self.attend([q, k, v], None)?;
        self.linear(y, &format!("{key}/linear_2"), 0, 1)
    }

    fn feed_forward(&mut self, x: String, key: &str) -> Result<String, ModelsError> {
        let y = self.layer_norm(x.clone(), &format!("{key}/ffn/layer_norm"))?;
        let y = self.linear(y, &format!("{key}/ffn/linear_0"), 0, 1)?;
        let y = self.gelu(y)?;
        let y = self.linear(y, &format!("{key}/ffn/linear_1"), 0, 1)?;
        Ok(self.add(x, y))
    }

    /// Rows of a table by the numbers of a float input.
    fn gather(&mut self, table: String, index: &str) -> String {
        const INT64: i64 = 7;
        let index = self.graph.op("Cast", vec![index.to_owned()], vec![AttributeProto::int("to", INT64)]);
        self.graph.op("Gather", vec![table, index], vec![AttributeProto::int("axis", 0)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_is_refused() {
        assert!(encoder(b"no model").is_err());
        assert!(digit_decoder(b"no model", &[0; 14]).is_err());
    }

    #[test]
    fn rows_are_cut_out_of_matrices_and_vectors() {
        let t = Tensor::floats(vec![3, 2], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(rows(&t, 1..3).unwrap(), Tensor::floats(vec![2, 2], vec![3.0, 4.0, 5.0, 6.0]));
        assert!(rows(&t, 2..4).is_err());
        let v = Tensor::floats(vec![2], vec![1.0, 2.0]);
        assert_eq!(rows(&v, 1..2).unwrap(), Tensor::floats(vec![1], vec![2.0]));
    }
}
