//! Reads a CTranslate2 model file: named tensors, little-endian, and names that stand for other names.
//!
//! Layout: u32 version, text specification, u32 revision, u32 n, then n times {text name, u8 rank, u32 sizes, u8 type,
//! u32 bytes, values}, then u32 m aliases {text alias, text name}. A text is a u16 length and bytes that end with zero.

use super::tensor::{Tensor, count};
use super::wrong;
use crate::ModelsError;
use std::collections::HashMap;

/// Most tensors and aliases in one file.
const MAX_ENTRIES: u32 = 10_000;
const F32: u8 = 0;
const F16: u8 = 4;

/// The fp32 and fp16 tensors of a file, as fp32.
pub(super) struct Weights {
    by_name: HashMap<String, Tensor>,
}

impl Weights {
    /// # Errors
    /// [`ModelsError::Convert`] when the file is not of this layout, or holds quantised weights.
    pub(super) fn read(bytes: &[u8], specification: &str) -> Result<Self, ModelsError> {
        let mut r = Reader { rest: bytes };
        let _version = r.u32()?;
        let found = r.text()?;
        if found != specification {
            return Err(wrong(format!("it is a {found}, not a {specification}")));
        }
        let _revision = r.u32()?;
        let mut by_name = HashMap::new();
        for _ in 0..r.number()? {
            let (name, tensor) = r.tensor()?;
            if let Some(tensor) = tensor {
                by_name.insert(name, tensor);
            }
        }
        for _ in 0..r.number()? {
            let (alias, name) = (r.text()?, r.text()?);
            if let Some(tensor) = by_name.get(&name).cloned() {
                by_name.insert(alias, tensor);
            }
        }
        Ok(Self { by_name })
    }

    /// A tensor that must have this rank.
    pub(super) fn get(&self, name: &str, rank: usize) -> Result<&Tensor, ModelsError> {
        let found = self.by_name.get(name).filter(|t| t.dims.len() == rank);
        found.ok_or_else(|| wrong(format!("there is no weight {name} with {rank} axes")))
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn take(&mut self, n: usize) -> Result<&'b [u8], ModelsError> {
        let (taken, left) = self.rest.split_at_checked(n).ok_or_else(|| wrong("the file ends too early"))?;
        self.rest = left;
        Ok(taken)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], ModelsError> {
        let (found, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| wrong("the file ends too early"))?;
        self.rest = rest;
        Ok(*found)
    }

    fn u32(&mut self) -> Result<u32, ModelsError> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn number(&mut self) -> Result<u32, ModelsError> {
        let n = self.u32()?;
        if n > MAX_ENTRIES { Err(wrong("it names too many tensors")) } else { Ok(n) }
    }

    fn text(&mut self) -> Result<String, ModelsError> {
        let length = u16::from_le_bytes(self.bytes()?);
        let bytes = self.take(length.into())?;
        let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        String::from_utf8(bytes.to_vec()).map_err(|_| wrong("a name is not UTF-8"))
    }

    /// `None`: of a type that no weight of ours has.
    fn tensor(&mut self) -> Result<(String, Option<Tensor>), ModelsError> {
        let name = self.text()?;
        let [rank] = self.bytes()?;
        let sizes = (0..rank).map(|_| self.u32().map(|d| d as usize)).collect::<Result<Vec<_>, _>>()?;
        let [kind] = self.bytes()?;
        let length = self.u32()? as usize;
        let raw = self.take(length)?;
        let values: Vec<f32> = match kind {
            F32 => raw.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            F16 => raw.as_chunks::<2>().0.iter().map(|b| half(u16::from_le_bytes(*b))).collect(),
            _ => return Ok((name, None)),
        };
        if values.len() != count(&sizes)? {
            return Err(wrong(format!("tensor {name} has {} values", values.len())));
        }
        Ok((name, Some(Tensor::floats(sizes, values))))
    }
}

/// IEEE 754 binary16 to binary32; exact.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, fraction) = (u32::from(bits >> 10) & 31, u32::from(bits) & 0x3ff);
    match exponent {
        0 => {
            #[expect(clippy::cast_precision_loss, reason = "ten bits")]
            let size = fraction as f32 * 2f32.powi(-24);
            if sign == 0 { size } else { -size }
        }
        31 => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Vec<u8> {
        [&u16::try_from(t.len() + 1).unwrap().to_le_bytes()[..], t.as_bytes(), &[0]].concat()
    }

    fn file() -> Vec<u8> {
        let mut f =
            [6u32.to_le_bytes().as_slice(), &text("WhisperSpec"), &3u32.to_le_bytes(), &1u32.to_le_bytes()].concat();
        f.extend([text("a").as_slice(), &[1], &2u32.to_le_bytes(), &[F16], &4u32.to_le_bytes()].concat());
        f.extend([0x3c00u16, 0xc000].iter().flat_map(|v| v.to_le_bytes()));
        f.extend([1u32.to_le_bytes().as_slice(), &text("b"), &text("a")].concat());
        f
    }

    #[test]
    fn tensors_and_aliases_are_read() {
        let weights = Weights::read(&file(), "WhisperSpec").unwrap();
        for name in ["a", "b"] {
            assert_eq!(weights.get(name, 1).unwrap(), &Tensor::floats(vec![2], vec![1.0, -2.0]), "{name}");
        }
        assert!(weights.get("a", 2).is_err());
        assert!(weights.get("c", 1).is_err());
    }

    #[test]
    fn another_file_and_every_cut_are_refused() {
        assert!(Weights::read(&file(), "TransformerSpec").is_err());
        for cut in 0..file().len() {
            assert!(Weights::read(&file()[..cut], "WhisperSpec").is_err(), "{cut}");
        }
    }

    #[test]
    fn half_precision_is_exact() {
        for (bits, value) in [(0x3555u16, 0.333_251_95f32), (0x0001, 5.960_464_5e-8), (0x8000, -0.0), (0x7bff, 65504.0)]
        {
            assert_eq!(half(bits), value, "{bits:#x}");
        }
        assert!(half(0x7c01).is_nan() && half(0xfc00) == f32::NEG_INFINITY);
    }
}
