//! Whisper from CTranslate2's file, as ONNX graphs made for one task: which digits, or which words, were spoken?
//!
//! The encoder takes a log-mel picture of 8 s and gives, for each decoder layer, the keys and values that the decoder will look
//! at. The decoder scores a fixed number of given tokens at once: which token may look at which is an input, so that the
//! prompt can be scored in several contexts in one run. A decoder for digits knows only the tokens of digits, of the end and of
//! the beginnings, and answers with the logits of ten digits and the end; the other 51,853 words are left out.
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

/// What a decoder is made for.
pub(crate) struct Task {
    /// Tokens of the vocabulary, in the order that the decoder's `ids` count; `None`: all, in their own order.
    tokens: Option<Vec<usize>>,
    /// The first so many of them are the answers.
    answers: usize,
    /// Tokens of one run, and positions that the decoder can tell apart.
    length: usize,
}

impl Task {
    /// Digits in the English-only vocabulary: " 0" to " 9", end of text | start of transcript, no time stamps, start of the previous
    /// text. A run holds two beginnings with six digits each.
    pub(crate) fn english_digits() -> Self {
        let tokens = vec![657, 352, 362, 513, 604, 642, 718, 767, 807, 860, 50256, 50257, 50362, 50360];
        Self { tokens: Some(tokens), answers: 11, length: 32 }
    }

    /// Digits in the multilingual vocabulary: " 0" to " 9", 零 (its first token) 一 二 … 九, end of text | start of transcript, transcribe,
    /// no time stamps, start of the previous text, and the 99 languages in Whisper's order (en, zh, de, es, ru, …).
    pub(crate) fn digits_of_the_world() -> Self {
        const FIRST_LANGUAGE: usize = 50_259;
        let mut tokens = vec![1958, 502, 568, 805, 1017, 1025, 1386, 1614, 1649, 1722];
        tokens.extend([ZERO_BEGINS, 2257, 11217, 10960, 19425, 21001, 30566, 29920, 33453, 43145, 50257]);
        let answers = tokens.len();
        tokens.extend([50258, 50359, 50363, 50361]);
        tokens.extend(FIRST_LANGUAGE..FIRST_LANGUAGE + 99);
        Self { tokens: Some(tokens), answers, length: 32 }
    }

    /// Any text: every token, and every token an answer. A run holds two beginnings with a short sentence each.
    pub(crate) const fn text() -> Self {
        Self { tokens: None, answers: 0, length: 64 }
    }
}

/// 零 has no token of its own in Whisper's vocabulary; these bytes begin it.
const ZERO_BEGINS: usize = 6306;

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

/// The decoder: `ids` n (places in the task's tokens), `positions` n, `mask` n×n (0 = may look, −1e9 = may not), `cross` as the
/// encoder gives it → `logits` n×answers.
///
/// # Errors
/// [`ModelsError::Convert`] when the file is not a Whisper model with these tokens.
pub(crate) fn decoder(file: &[u8], task: &Task) -> Result<Vec<u8>, ModelsError> {
    let mut n = Net::open(file)?;
    let (words, answers, answered) = n.vocabulary(task)?;
    let places = rows(n.weights.get("decoder/position_encodings/encodings", 2)?, 0..task.length)?;
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
    let answers = match answers {
        Answers::Words(name) => name,
        Answers::Own(values) => n.graph.constant(vec![answered, n.size()], values)?,
    };
    n.graph.output("Gemm", vec![x, answers], "logits", vec![AttributeProto::int("transB", 1)]);
    let length = size(task.length)?;
    let mut input = vec![value("ids", &[length]), value("positions", &[length]), value("mask", &[length, length])];
    input.push(n.cross_value()?);
    let output = vec![value("logits", &[length, size(answered)?])];
    Ok(n.graph.finish("decoder", input, output))
}

/// The table that the answers are compared with.
enum Answers {
    /// The table of words itself, by name.
    Words(String),
    /// A table of their own.
    Own(Vec<f32>),
}

fn size(n: usize) -> Result<i64, ModelsError> {
    i64::try_from(n).map_err(|_| wrong("too large"))
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
        Ok(value("cross", &[size(2 * self.layers)?, size(PLACES)?, self.width]))
    }

    /// The width as a number of values.
    fn size(&self) -> usize {
        usize::try_from(self.width).unwrap_or(0)
    }

    /// The task's words as a constant, what answers are compared with, and how many answers there are.
    fn vocabulary(&mut self, task: &Task) -> Result<(String, Answers, usize), ModelsError> {
        let words = self.weights.get("decoder/embeddings/weight", 2)?;
        let Some(tokens) = &task.tokens else {
            let (all, words) = (words.dims.first().copied().unwrap_or(0), words.clone());
            let words = self.graph.tensor(&words)?;
            return Ok((words.clone(), Answers::Words(words), all));
        };
        let known: Vec<Tensor> = tokens.iter().map(|t| rows(words, *t..t + 1)).collect::<Result<_, _>>()?;
        let known: Vec<f32> = known.iter().map(Tensor::as_floats).collect::<Result<Vec<_>, _>>()?.concat();
        let answers = known.get(..task.answers * self.size()).ok_or_else(|| wrong("too few tokens"))?.to_vec();
        let words = self.graph.constant(vec![tokens.len(), self.size()], known)?;
        Ok((words, Answers::Own(answers), task.answers))
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
        for task in [Task::english_digits(), Task::digits_of_the_world(), Task::text()] {
            assert!(decoder(b"no model", &task).is_err());
        }
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
