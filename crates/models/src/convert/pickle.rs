//! Reads the weights of a PyTorch archive without running anything of it.
//!
//! Such a file is a zip of one pickle (names, shapes, places) and one raw file for each storage; before PyTorch 1.6 it was a row
//! of pickles with the raw storages behind them. A pickle is a program that may call any function; this reader knows the few opcodes that a state dict is written with, lets a name stand for
//! [`GLOBALS`] only, builds no objects and refuses everything else. Sizes are held to this crate's limits.

use super::tensor::{Tensor, count};
use super::wrong;
use crate::ModelsError;
use crate::limits::MAX_FILE_BYTES;
use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};

/// The only functions and types that may be named.
const GLOBALS: [(&str, &str); 4] = [
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch", "FloatStorage"),
    ("torch", "LongStorage"),
    ("collections", "OrderedDict"),
];
/// How a file before PyTorch 1.6 begins: two pickles, of a magic number and of the protocol's version 1001.
const LEGACY_HEAD: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.";
/// The one attribute that a state dict may carry beside its weights: versions of its layers, of no use here.
const METADATA: &str = "_metadata";
/// Deepest stack and largest memo that a state dict of ours needs, with room.
const MAX_VALUES: usize = 1 << 16;

#[derive(Clone, Debug)]
enum Value {
    None,
    Bool,
    Int(i64),
    Text(String),
    Tuple(Vec<Self>),
    Dict(Vec<(Self, Self)>),
    Global(usize),
    /// A storage by its key: `true` when it holds fp32.
    Storage(String, bool),
    Tensor(Place),
    Mark,
}

/// Where a tensor lies; converted weights may lie transposed.
#[derive(Clone, Debug)]
struct Place {
    storage: String,
    float: bool,
    offset: usize,
    dims: Vec<usize>,
    /// Values between neighbours along each axis.
    strides: Vec<usize>,
}

/// The fp32 weights by name; counters (int64) are left out.
///
/// # Errors
/// [`ModelsError::Convert`] for anything that a plain state dict does not hold.
pub(super) fn state_dict(archive: &[u8]) -> Result<BTreeMap<String, Tensor>, ModelsError> {
    if let Some(rest) = archive.strip_prefix(LEGACY_HEAD) {
        return legacy(rest);
    }
    let broken = |e: zip::result::ZipError| wrong(format!("it is not a PyTorch archive ({e})"));
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(broken)?;
    let mut names = zip.file_names().flatten().map(std::borrow::Cow::into_owned);
    let pickle = names.find(|n| n.ends_with("/data.pkl")).ok_or_else(|| wrong("it holds no data.pkl"))?;
    drop(names);
    let root = pickle.trim_end_matches("data.pkl").to_owned();
    let mut read = |name: &str| -> Result<Vec<u8>, ModelsError> {
        let member = zip.by_name(name).map_err(broken)?;
        let mut bytes = Vec::new();
        member.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(|e| wrong(e.to_string()))?;
        Ok(bytes)
    };
    let mut storages: HashMap<String, Vec<u8>> = HashMap::new();
    let mut weights = BTreeMap::new();
    for (name, place) in places(&read(&pickle)?)? {
        if !place.float {
            continue;
        }
        if !storages.contains_key(&place.storage) {
            let bytes = read(&format!("{root}data/{}", place.storage))?;
            storages.insert(place.storage.clone(), bytes);
        }
        let bytes = storages.get(&place.storage).map_or(&[][..], Vec::as_slice);
        weights.insert(name, tensor(&place, bytes)?);
    }
    Ok(weights)
}

/// Two more pickles (the machine that wrote it; the weights' places), one of the storages' keys in order, then the storages: a
/// number of values and the values.
fn legacy(file: &[u8]) -> Result<BTreeMap<String, Tensor>, ModelsError> {
    let mut machine = Machine { rest: file, stack: Vec::new(), memo: HashMap::new() };
    machine.run()?;
    let places = named(machine.run()?)?;
    let Value::Tuple(keys) = machine.run()? else { return Err(wrong("it does not list its storages")) };
    let mut rest = machine.rest;
    let mut storages: HashMap<String, &[u8]> = HashMap::new();
    for key in keys {
        let Value::Text(key) = key else { return Err(wrong("a storage has no key")) };
        let float = places.iter().find(|(_, p)| p.storage == key).is_none_or(|(_, p)| p.float);
        let (length, after) = rest.split_first_chunk().ok_or_else(|| wrong("the file ends too early"))?;
        let bytes = usize::try_from(i64::from_le_bytes(*length)).ok();
        let bytes = bytes.and_then(|n| n.checked_mul(if float { 4 } else { 8 }));
        let cut = bytes.and_then(|n| after.split_at_checked(n));
        let (storage, after) = cut.ok_or_else(|| wrong("the file ends too early"))?;
        storages.insert(key, storage);
        rest = after;
    }
    let floats = places.into_iter().filter(|(_, p)| p.float);
    floats
        .map(|(name, place)| {
            let storage = storages.get(&place.storage).copied().unwrap_or_default();
            Ok((name, tensor(&place, storage)?))
        })
        .collect()
}

/// Gathers a tensor's values in row-major order.
fn tensor(place: &Place, storage: &[u8]) -> Result<Tensor, ModelsError> {
    let words = storage.as_chunks::<4>().0;
    // Before any memory is taken for it.
    let last = place
        .dims
        .iter()
        .zip(&place.strides)
        .try_fold(place.offset, |at, (dim, stride)| at.checked_add(dim.saturating_sub(1).checked_mul(*stride)?));
    let total = count(&place.dims)?;
    if total > 0 && last.is_none_or(|last| last >= words.len()) {
        return Err(wrong("a weight lies outside its storage"));
    }
    let mut places = vec![place.offset];
    for (dim, stride) in place.dims.iter().zip(&place.strides) {
        places = places.iter().flat_map(|at| (0..*dim).map(move |n| at + n * stride)).collect();
    }
    let values = places.iter().map(|at| words.get(*at).map_or(0.0, |b| f32::from_le_bytes(*b))).collect();
    Ok(Tensor::floats(place.dims.clone(), values))
}

/// Runs the pickle and gives the named tensors of the dictionary it builds.
fn places(pickle: &[u8]) -> Result<Vec<(String, Place)>, ModelsError> {
    named(Machine { rest: pickle, stack: Vec::new(), memo: HashMap::new() }.run()?)
}

fn named(dictionary: Value) -> Result<Vec<(String, Place)>, ModelsError> {
    let Value::Dict(items) = dictionary else { return Err(wrong("it is not a state dict")) };
    items
        .into_iter()
        .map(|item| match item {
            (Value::Text(name), Value::Tensor(place)) => Ok((name, place)),
            _ => Err(wrong("the state dict holds something else than tensors")),
        })
        .collect()
}

struct Machine<'p> {
    rest: &'p [u8],
    stack: Vec<Value>,
    memo: HashMap<u32, Value>,
}

impl Machine<'_> {
    /// Runs one pickle and gives what it leaves.
    fn run(&mut self) -> Result<Value, ModelsError> {
        self.stack.clear();
        self.memo.clear();
        while self.step()? {}
        self.pop()
    }

    /// Runs one opcode; `false` at the end.
    fn step(&mut self) -> Result<bool, ModelsError> {
        if self.stack.len() > MAX_VALUES || self.memo.len() > MAX_VALUES {
            return Err(wrong("the pickle is too large"));
        }
        let [opcode] = self.bytes()?;
        match opcode {
            0x80 => {
                let [_version] = self.bytes()?;
            }
            b'}' => self.stack.push(Value::Dict(Vec::new())),
            b')' | b']' => self.stack.push(Value::Tuple(Vec::new())),
            b'(' => self.stack.push(Value::Mark),
            b'N' => self.stack.push(Value::None),
            0x88 | 0x89 => self.stack.push(Value::Bool),
            b'K' => {
                let [n] = self.bytes()?;
                self.stack.push(Value::Int(n.into()));
            }
            b'M' => {
                let n = u16::from_le_bytes(self.bytes()?);
                self.stack.push(Value::Int(n.into()));
            }
            b'J' => {
                let n = i32::from_le_bytes(self.bytes()?);
                self.stack.push(Value::Int(n.into()));
            }
            b'X' => {
                let length = u32::from_le_bytes(self.bytes()?);
                let text = self.text(length as usize)?;
                self.stack.push(Value::Text(text));
            }
            b'q' => {
                let [at] = self.bytes()?;
                self.remember(at.into())?;
            }
            b'r' => {
                let at = u32::from_le_bytes(self.bytes()?);
                self.remember(at)?;
            }
            b'h' => {
                let [at] = self.bytes()?;
                self.recall(at.into())?;
            }
            b'j' => {
                let at = u32::from_le_bytes(self.bytes()?);
                self.recall(at)?;
            }
            b'c' => self.global()?,
            b'Q' => self.storage()?,
            b'R' => self.call()?,
            b't' => {
                let items = self.marked()?;
                self.stack.push(Value::Tuple(items));
            }
            0x85..=0x87 => {
                let items = self.popped(usize::from(opcode - 0x84))?;
                self.stack.push(Value::Tuple(items));
            }
            b's' => {
                let items = self.popped(2)?;
                self.set(items)?;
            }
            b'u' => {
                let items = self.marked()?;
                self.set(items)?;
            }
            b'e' => {
                let items = self.marked()?;
                let Some(Value::Tuple(list)) = self.stack.last_mut() else { return Err(wrong("items without a list")) };
                list.extend(items);
            }
            b'b' => {
                // An object's own code would be called with this: only a state dict's metadata is let through, and dropped.
                let state = self.pop()?;
                let on_a_dict = matches!(self.stack.last(), Some(Value::Dict(_)));
                let metadata = |items: &[(Value, Value)]| matches!(items, [(Value::Text(name), _)] if name == METADATA);
                match state {
                    Value::Dict(items) if on_a_dict && metadata(&items) => {}
                    _ => return Err(wrong("the pickle sets what no state dict has")),
                }
            }
            b'.' => return Ok(false),
            other => return Err(wrong(format!("the pickle asks for opcode {other:#04x}, which no state dict needs"))),
        }
        Ok(true)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], ModelsError> {
        let (found, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| wrong("the pickle ends too early"))?;
        self.rest = rest;
        Ok(*found)
    }

    fn text(&mut self, length: usize) -> Result<String, ModelsError> {
        let (found, rest) = self.rest.split_at_checked(length).ok_or_else(|| wrong("the pickle ends too early"))?;
        self.rest = rest;
        String::from_utf8(found.to_vec()).map_err(|_| wrong("a name is not UTF-8"))
    }

    fn line(&mut self) -> Result<String, ModelsError> {
        let end = self.rest.iter().position(|b| *b == b'\n').ok_or_else(|| wrong("the pickle ends too early"))?;
        let line = self.text(end)?;
        let [_newline] = self.bytes()?;
        Ok(line)
    }

    fn pop(&mut self) -> Result<Value, ModelsError> {
        self.stack.pop().ok_or_else(|| wrong("the pickle takes more than it gave"))
    }

    fn popped(&mut self, n: usize) -> Result<Vec<Value>, ModelsError> {
        let at = self.stack.len().checked_sub(n).ok_or_else(|| wrong("the pickle takes more than it gave"))?;
        Ok(self.stack.split_off(at))
    }

    fn marked(&mut self) -> Result<Vec<Value>, ModelsError> {
        let mark = self.stack.iter().rposition(|v| matches!(v, Value::Mark));
        let items = self.stack.split_off(mark.ok_or_else(|| wrong("the pickle takes more than it gave"))?);
        Ok(items.into_iter().skip(1).collect())
    }

    fn remember(&mut self, at: u32) -> Result<(), ModelsError> {
        // A dictionary is remembered while it is empty; nothing of ours asks for it again.
        let value = self.stack.last().ok_or_else(|| wrong("the pickle takes more than it gave"))?;
        self.memo.insert(at, value.clone());
        Ok(())
    }

    fn recall(&mut self, at: u32) -> Result<(), ModelsError> {
        let value = self.memo.get(&at).cloned().ok_or_else(|| wrong("the pickle recalls what it never kept"))?;
        self.stack.push(value);
        Ok(())
    }

    fn global(&mut self) -> Result<(), ModelsError> {
        let (module, name) = (self.line()?, self.line()?);
        let known = GLOBALS.iter().position(|g| *g == (module.as_str(), name.as_str()));
        let known = known.ok_or_else(|| wrong(format!("the pickle asks for {module}.{name}")))?;
        self.stack.push(Value::Global(known));
        Ok(())
    }

    /// `("storage", kind, key, device, values)`.
    fn storage(&mut self) -> Result<(), ModelsError> {
        let Value::Tuple(id) = self.pop()? else { return Err(wrong("a storage has no key")) };
        match id.as_slice() {
            [_, Value::Global(kind @ (1 | 2)), Value::Text(key), ..]
                if key.bytes().all(|b| b.is_ascii_alphanumeric()) =>
            {
                self.stack.push(Value::Storage(key.clone(), *kind == 1));
                Ok(())
            }
            _ => Err(wrong("a storage has another form")),
        }
    }

    fn call(&mut self) -> Result<(), ModelsError> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let Value::Tuple(arguments) = arguments else { return Err(wrong("a call without arguments")) };
        match (function, arguments.as_slice()) {
            (Value::Global(3), []) => self.stack.push(Value::Dict(Vec::new())),
            (
                Value::Global(0),
                [Value::Storage(key, float), Value::Int(offset), Value::Tuple(dims), Value::Tuple(strides), ..],
            ) => {
                let (dims, strides) = (sizes(dims)?, sizes(strides)?);
                if dims.len() != strides.len() {
                    return Err(wrong("a weight has another number of steps than axes"));
                }
                let offset = usize::try_from(*offset).map_err(|_| wrong("a weight has a negative place"))?;
                let place = Place { storage: key.clone(), float: *float, offset, dims, strides };
                self.stack.push(Value::Tensor(place));
            }
            _ => return Err(wrong("the pickle calls something else than a tensor's rebuilding")),
        }
        Ok(())
    }

    fn set(&mut self, items: Vec<Value>) -> Result<(), ModelsError> {
        let Some(Value::Dict(into)) = self.stack.last_mut() else { return Err(wrong("items without a dictionary")) };
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            into.push((key, value));
        }
        Ok(())
    }
}

fn sizes(values: &[Value]) -> Result<Vec<usize>, ModelsError> {
    let size = |v: &Value| match v {
        Value::Int(n) => usize::try_from(*n).map_err(|_| wrong("a negative size")),
        _ => Err(wrong("a size is not a number")),
    };
    values.iter().map(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{name: tensor}` as torch writes it, with one storage `7` of fp32.
    fn pickle(module: &[u8], name: &[u8]) -> Vec<u8> {
        let mut p = vec![0x80, 2, b'}', b'q', 0, b'(', b'X', 1, 0, 0, 0, b'w', b'c'];
        p.extend([module, b"\n", name, b"\n"].concat());
        p.extend(b"((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x007X\x03\0\0\0cpuK\x04tQK\x01");
        p.extend(b"K\x01K\x02\x86K\x02K\x01\x86\x89ccollections\nOrderedDict\n)RtRu.");
        p
    }

    fn archive(pickle: &[u8], storage: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [("archive/data.pkl", pickle), ("archive/data/7", storage)] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn floats() -> Vec<u8> {
        [0.5f32, 1.5, 2.5, 3.5].iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    #[test]
    fn a_state_dict_is_read_by_name_shape_and_offset() {
        let bytes = archive(&pickle(b"torch._utils", b"_rebuild_tensor_v2"), &floats());
        let dict = state_dict(&bytes).unwrap();
        assert_eq!(dict["w"], Tensor::floats(vec![1, 2], vec![1.5, 2.5]));
    }

    #[test]
    fn anything_else_that_a_pickle_can_do_is_refused() {
        let bytes = archive(&pickle(b"os", b"system"), &floats());
        let refused = state_dict(&bytes).unwrap_err().to_string();
        assert!(refused.contains("os.system"), "{refused}");
        // BUILD (b) would call an object's own code.
        assert!(state_dict(&archive(b"\x80\x02}}b.", &floats())).is_err());
        assert!(state_dict(&archive(b"\x80\x02K\x01.", &floats())).is_err(), "not a dictionary");
        assert!(state_dict(&archive(b"t.", &floats())).is_err(), "an empty stack");
        assert!(state_dict(b"no zip").is_err());
    }

    /// The same weight as [`pickle`]'s in the form before PyTorch 1.6.
    fn old_file() -> Vec<u8> {
        let keys = b"\x80\x02]q\0(X\x01\0\0\x007e.";
        let places = pickle(b"torch._utils", b"_rebuild_tensor_v2");
        [LEGACY_HEAD, b"\x80\x02}.", &places, keys, &4_i64.to_le_bytes(), &floats()].concat()
    }

    #[test]
    fn the_older_form_gives_the_same_and_every_cut_of_it_is_refused() {
        let whole = old_file();
        assert_eq!(state_dict(&whole).unwrap()["w"], Tensor::floats(vec![1, 2], vec![1.5, 2.5]));
        for cut in 0..whole.len() {
            assert!(state_dict(&whole[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn a_state_dict_s_metadata_is_dropped() {
        let mut p = pickle(b"torch._utils", b"_rebuild_tensor_v2");
        p.truncate(p.len() - 1);
        p.extend(b"}X\x09\0\0\0_metadata}sb.");
        assert_eq!(places(&p).unwrap().len(), 1);
        let other = p.windows(9).position(|w| w == b"_metadata").unwrap();
        p[other] = b'-';
        assert!(places(&p).is_err());
    }

    #[test]
    fn a_transposed_weight_is_laid_out_in_rows() {
        let bytes: Vec<u8> = (0_u8..6).flat_map(|v| f32::from(v).to_le_bytes()).collect();
        let mut place = Place { storage: String::new(), float: true, offset: 0, dims: vec![2, 3], strides: vec![1, 2] };
        assert_eq!(tensor(&place, &bytes).unwrap(), Tensor::floats(vec![2, 3], vec![0.0, 2.0, 4.0, 1.0, 3.0, 5.0]));
        place.offset = 1;
        assert!(tensor(&place, &bytes).is_err());
        place.strides = vec![usize::MAX, 2];
        assert!(tensor(&place, &bytes).is_err());
    }

    #[test]
    fn a_weight_outside_its_storage_is_refused() {
        let bytes = archive(&pickle(b"torch._utils", b"_rebuild_tensor_v2"), &floats()[..8]);
        assert!(state_dict(&bytes).is_err());
    }

    #[test]
    fn every_cut_of_a_pickle_is_refused_without_a_panic() {
        let whole = pickle(b"torch._utils", b"_rebuild_tensor_v2");
        for cut in 0..whole.len() {
            assert!(places(&whole[..cut]).is_err(), "{cut}");
        }
    }
}
