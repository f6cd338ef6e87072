//! Folds `DequantizeLinear` (and `Reshape`) of constants into fp32 weights.
//!
//! The two OpenCV Zoo files hold int8 weights with a scale and a zero point for each block of a
//! row (block_size 64, or 9 and 27 for the kernels of depthwise and first convolutions), which one
//! engine refuses and another compiles badly. The folded graph computes the same numbers: SFace's
//! output moves by at most 2.2e-6. Leftover fp32 weights that the quantiser listed as graph
//! inputs are dropped, training-only leftovers (`Dropout`, the `spatial` attribute) too.

use super::onnx::{
    AttributeProto, Dimension, GraphProto, ModelProto, NodeProto, ValueInfoProto, float_value, model, node,
};
use super::tensor::{Tensor, count};
use super::wrong;
use crate::ModelsError;
use prost::Message as _;
use std::collections::{HashMap, HashSet};

/// What becomes of the height and width of the picture input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputSize {
    /// As the file says.
    AsIs,
    /// Free: any multiple of the network's stride.
    Free,
}

/// Folds a model file; the result's bytes depend on nothing but the input's.
///
/// # Errors
/// [`ModelsError::Convert`] when the file is not such a model.
pub(crate) fn fold(bytes: &[u8], size: InputSize) -> Result<Vec<u8>, ModelsError> {
    let graph = ModelProto::decode(bytes)
        .map_err(|e| wrong(format!("it is not an ONNX file ({e})")))?
        .graph
        .ok_or_else(|| wrong("the file has no graph"))?;
    let mut constants = Constants::read(&graph)?;
    let mut kept = Vec::new();
    for node in graph.node {
        if let Some(left) = constants.absorb(node)? {
            kept.push(left);
        }
    }
    let used: HashSet<&str> = kept.iter().flat_map(|n| n.input.iter().map(String::as_str)).collect();
    let input = graph
        .input
        .into_iter()
        .filter(|v| {
            let name = v.name.as_deref().unwrap_or_default();
            used.contains(name) && !constants.by_name.contains_key(name)
        })
        .map(|v| free_input(v, size))
        .collect();
    let output = graph.output.into_iter().map(|v| free_output(v, size));
    let initializer = constants
        .order
        .iter()
        .filter(|name| used.contains(name.as_str()))
        .filter_map(|name| Some((name, constants.by_name.get(name)?)))
        .map(|(name, tensor)| tensor.write(name))
        .collect::<Result<_, _>>()?;
    Ok(model(GraphProto { output: output.collect(), input, initializer, name: graph.name, node: kept }))
}

/// Known constants, in the order in which they became known.
struct Constants {
    order: Vec<String>,
    by_name: HashMap<String, Tensor>,
}

impl Constants {
    fn read(graph: &GraphProto) -> Result<Self, ModelsError> {
        let mut all = Self { order: Vec::new(), by_name: HashMap::new() };
        for t in &graph.initializer {
            all.add(t.name.clone().unwrap_or_default(), Tensor::read(t)?);
        }
        Ok(all)
    }

    fn add(&mut self, name: String, tensor: Tensor) {
        if self.by_name.insert(name.clone(), tensor).is_none() {
            self.order.push(name);
        }
    }

    /// Computes a node that only has constants; gives back one that has to stay.
    fn absorb(&mut self, mut n: NodeProto) -> Result<Option<NodeProto>, ModelsError> {
        let inputs: Option<Vec<&Tensor>> = n.input.iter().map(|name| self.by_name.get(name)).collect();
        let made = match (n.op(), inputs.as_deref()) {
            ("Constant", _) => Some(Tensor::read(
                n.attribute.iter().find_map(|a| a.t.as_ref()).ok_or_else(|| wrong("a constant holds no tensor"))?,
            )?),
            ("DequantizeLinear", Some([q, s])) => Some(dequantize(&n, q, s, None)?),
            ("DequantizeLinear", Some([q, s, z])) => Some(dequantize(&n, q, s, Some(z))?),
            ("Reshape", Some([values, shape])) => Some(values.reshaped(shape)?),
            _ => None,
        };
        if let Some(tensor) = made {
            let name = n.output.first().cloned().unwrap_or_default();
            self.add(name, tensor);
            return Ok(None);
        }
        if n.op() == "BatchNormalization" {
            n.attribute.retain(|a: &AttributeProto| a.name.as_deref() != Some("spatial"));
        }
        if n.op() == "Dropout" {
            let from = n.input.first().cloned().unwrap_or_default();
            let to = n.output.first().cloned().unwrap_or_default();
            return Ok(Some(node("Identity", vec![from], to, Vec::new())));
        }
        Ok(Some(n))
    }
}

/// `(q − z) · s`, each with the scale of its tensor, axis or block.
fn dequantize(n: &NodeProto, q: &Tensor, s: &Tensor, z: Option<&Tensor>) -> Result<Tensor, ModelsError> {
    let scales = s.as_floats()?;
    let zeros = match z {
        Some(z) => z.as_floats()?,
        None => vec![0.0; scales.len()],
    };
    if zeros.len() != scales.len() {
        return Err(wrong("scales and zero points differ in number"));
    }
    let layout = Layout::of(n, q, s)?;
    let values = q
        .as_floats()?
        .into_iter()
        .enumerate()
        .map(|(place, q)| {
            let at = layout.scale_of(place);
            match (scales.get(at), zeros.get(at)) {
                (Some(s), Some(z)) => Ok((q - z) * s),
                _ => Err(wrong("there are too few scales")),
            }
        })
        .collect::<Result<_, _>>()?;
    Ok(Tensor::floats(q.dims.clone(), values))
}

/// Which scale belongs to which value. Values lie as `outer × axis × inner`.
enum Layout {
    /// One for all.
    Tensor,
    /// One for each place along the axis.
    Axis { axis: usize, inner: usize },
    /// One for every `block` places along the axis, apart for each outer and inner place.
    Blocks { axis: usize, inner: usize, block: usize },
}

impl Layout {
    fn of(n: &NodeProto, q: &Tensor, s: &Tensor) -> Result<Self, ModelsError> {
        if count(&s.dims)? == 1 {
            return Ok(Self::Tensor);
        }
        let place = axis_of(n, q.dims.len())?;
        let axis = q.dims.get(place).copied().unwrap_or(1);
        let inner = count(q.dims.get(place + 1..).unwrap_or_default())?;
        let block = usize::try_from(n.int("block_size").unwrap_or(0)).map_err(|_| wrong("a block size is negative"))?;
        if block == 0 {
            return match s.dims == [axis] {
                true => Ok(Self::Axis { axis, inner }),
                false => Err(wrong("the scales do not fit the axis")),
            };
        }
        let mut fitting = q.dims.clone();
        if let Some(d) = fitting.get_mut(place) {
            *d = axis.div_ceil(block);
        }
        match s.dims == fitting {
            true => Ok(Self::Blocks { axis, inner, block }),
            false => Err(wrong("the scales do not fit the blocks")),
        }
    }

    /// Sizes are not 0 here: there is a value at `place`.
    fn scale_of(&self, place: usize) -> usize {
        match *self {
            Self::Tensor => 0,
            Self::Axis { axis, inner } => place / inner % axis,
            Self::Blocks { axis, inner, block } => {
                let outer = place / inner / axis;
                let along = place / inner % axis / block;
                (outer * axis.div_ceil(block) + along) * inner + place % inner
            }
        }
    }
}

/// The axis attribute (1 when not given), counted from the end when negative.
fn axis_of(n: &NodeProto, rank: usize) -> Result<usize, ModelsError> {
    let asked = n.int("axis").unwrap_or(1);
    let from_start = if asked < 0 { asked.saturating_add_unsigned(rank as u64) } else { asked };
    usize::try_from(from_start)
        .ok()
        .filter(|a| *a < rank)
        .ok_or_else(|| wrong("the axis of a quantised tensor is out of range"))
}

fn free_input(mut v: ValueInfoProto, size: InputSize) -> ValueInfoProto {
    if size == InputSize::Free
        && let Some([_, _, h, w]) = dims_mut(&mut v)
    {
        *h = Dimension::free("H");
        *w = Dimension::free("W");
    }
    v
}

/// A detector head: 1 × as many cells as the picture gives × values.
fn free_output(mut v: ValueInfoProto, size: InputSize) -> ValueInfoProto {
    let name = v.name.clone().unwrap_or_default();
    let last = match dims_mut(&mut v) {
        Some([_, _, last]) if size == InputSize::Free => last.dim_value,
        _ => return v,
    };
    let cells = Dimension::free(format!("n_{name}"));
    float_value(&name, vec![Dimension::fixed(1), cells, Dimension::fixed(last.unwrap_or(0))])
}

fn dims_mut(v: &mut ValueInfoProto) -> Option<&mut [Dimension]> {
    let shape = v.r#type.as_mut()?.tensor_type.as_mut()?.shape.as_mut()?;
    Some(&mut shape.dim)
}

#[cfg(test)]
mod tests;
