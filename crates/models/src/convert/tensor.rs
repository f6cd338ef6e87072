//! Constant tensors: what the folding needs of them.

use super::onnx::{FLOAT, INT8, INT64, TensorProto, UINT8};
use super::wrong;
use crate::ModelsError;
use crate::limits::MAX_ELEMENTS;

/// A constant with its shape; row-major.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub dims: Vec<usize>,
    pub data: Data,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    F32(Vec<f32>),
    I64(Vec<i64>),
    /// int8 or uint8, widened.
    Small(Vec<i16>),
    /// Any other type: carried along untouched.
    Other(i32, Vec<u8>),
}

impl Tensor {
    pub(super) fn floats(dims: Vec<usize>, data: Vec<f32>) -> Self {
        Self { dims, data: Data::F32(data) }
    }

    /// Reads a constant of a model file.
    pub(super) fn read(t: &TensorProto) -> Result<Self, ModelsError> {
        let dims = t
            .dims
            .iter()
            .map(|d| usize::try_from(*d).map_err(|_| wrong("a tensor has a negative size")))
            .collect::<Result<Vec<_>, _>>()?;
        let count = count(&dims)?;
        let raw = t.raw_data.as_deref();
        let kind = t.data_type.unwrap_or_default();
        let small = |v: i32| i16::try_from(v).map_err(|_| wrong("an 8-bit value is out of range"));
        let (data, length) = match (kind, raw) {
            (FLOAT, Some(raw)) => own(Data::F32, words(raw).map(f32::from_le_bytes).collect()),
            (FLOAT, None) => own(Data::F32, t.float_data.clone()),
            (INT64, Some(raw)) => own(Data::I64, words(raw).map(i64::from_le_bytes).collect()),
            (INT64, None) => own(Data::I64, t.int64_data.clone()),
            (INT8, Some(raw)) => own(Data::Small, words(raw).map(|b| i8::from_le_bytes(b).into()).collect()),
            (UINT8, Some(raw)) => own(Data::Small, raw.iter().map(|b| (*b).into()).collect()),
            (INT8 | UINT8, None) => own(Data::Small, t.int32_data.iter().map(|v| small(*v)).collect::<Result<_, _>>()?),
            (other, Some(raw)) => (Data::Other(other, raw.to_vec()), count),
            (other, None) => return Err(wrong(format!("tensor type {other} is not supported"))),
        };
        if length != count {
            return Err(wrong(format!(
                "tensor {} has {length} values for {count} places",
                t.name.as_deref().unwrap_or("?")
            )));
        }
        Ok(Self { dims, data })
    }

    /// As a constant of a model file.
    pub(super) fn write(&self, name: &str) -> Result<TensorProto, ModelsError> {
        let (kind, raw): (i32, Vec<u8>) = match &self.data {
            Data::F32(v) => (FLOAT, v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Data::I64(v) => (INT64, v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Data::Other(kind, raw) => (*kind, raw.clone()),
            Data::Small(_) => return Err(wrong("an 8-bit constant is still used as it is")),
        };
        Ok(TensorProto {
            dims: self
                .dims
                .iter()
                .map(|d| i64::try_from(*d).map_err(|_| wrong("a tensor is too large")))
                .collect::<Result<_, _>>()?,
            data_type: Some(kind),
            name: Some(name.to_owned()),
            raw_data: Some(raw),
            ..TensorProto::default()
        })
    }

    /// Multiplies each slice along the first axis by its own factor.
    pub(super) fn scale_rows(&mut self, factors: &[f32]) -> Result<(), ModelsError> {
        let Data::F32(values) = &mut self.data else { return Err(wrong("a weight does not hold numbers")) };
        if self.dims.first() != Some(&factors.len()) || factors.is_empty() {
            return Err(wrong("a weight has no factor for each row"));
        }
        let row = (values.len() / factors.len()).max(1);
        for (row, factor) in values.chunks_mut(row).zip(factors) {
            row.iter_mut().for_each(|v| *v *= factor);
        }
        Ok(())
    }

    /// The values as floats.
    pub(super) fn as_floats(&self) -> Result<Vec<f32>, ModelsError> {
        match &self.data {
            Data::F32(v) => Ok(v.clone()),
            Data::Small(v) => Ok(v.iter().map(|x| f32::from(*x)).collect()),
            _ => Err(wrong("a tensor that should hold numbers holds something else")),
        }
    }

    /// The same values in another shape (`-1` = what is left, `0` = as it was).
    pub(super) fn reshaped(&self, shape: &Self) -> Result<Self, ModelsError> {
        let Data::I64(wanted) = &shape.data else {
            return Err(wrong("a shape is not made of integers"));
        };
        let total = count(&self.dims)?;
        let mut dims = Vec::with_capacity(wanted.len());
        let mut rest = None;
        for (place, size) in wanted.iter().enumerate() {
            dims.push(match *size {
                -1 if rest.is_none() => {
                    rest = Some(place);
                    1
                }
                0 => *self.dims.get(place).ok_or_else(|| wrong("a shape copies no size"))?,
                n => usize::try_from(n).map_err(|_| wrong("a shape has a negative size"))?,
            });
        }
        let known = count(&dims)?;
        if let Some(free) = rest.and_then(|place| dims.get_mut(place)) {
            *free = total.checked_div(known).unwrap_or(0);
        }
        if count(&dims)? != total {
            return Err(wrong("a shape does not fit its values"));
        }
        Ok(Self { dims, data: self.data.clone() })
    }
}

fn own<T>(kind: impl Fn(Vec<T>) -> Data, values: Vec<T>) -> (Data, usize) {
    let length = values.len();
    (kind(values), length)
}

fn words<const N: usize>(raw: &[u8]) -> impl Iterator<Item = [u8; N]> {
    raw.as_chunks::<N>().0.iter().copied()
}

/// Elements of a shape, within the limit.
pub(super) fn count(dims: &[usize]) -> Result<usize, ModelsError> {
    dims.iter()
        .try_fold(1usize, |n, d| n.checked_mul(*d))
        .filter(|n| *n <= MAX_ELEMENTS)
        .ok_or_else(|| wrong("a tensor is too large"))
}
