//! The lists `tattoo_pairs.csv` (a,b,same,kind) and `dogs.csv` (path,instance), and their photos.

use std::fs;
use std::path::Path;

use face::{DecodeLimits, Picture};
use kungfu::{Analyzer, Kind, Seen};

use crate::EvaluateError;
use crate::columns::{Columns, read_list};
use crate::limits::MAX_CLIPS;

/// Two photos, and what they are to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TattooPair {
    pub a: String,
    pub b: String,
    /// `clean`, `partial` or `impostor`.
    pub kind: String,
}

/// One dog's photos, in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dog {
    pub instance: String,
    pub photos: Vec<String>,
}

type Fault = (usize, String);

pub fn pairs(path: &Path) -> Result<Vec<TattooPair>, EvaluateError> {
    parse_pairs(&read_list(path)?).map_err(|fault| bad(path, fault))
}

pub fn dogs(path: &Path) -> Result<Vec<Dog>, EvaluateError> {
    parse_dogs(&read_list(path)?).map_err(|fault| bad(path, fault))
}

fn bad(path: &Path, (line, reason): Fault) -> EvaluateError {
    EvaluateError::BadList { path: path.to_owned(), line, reason }
}

fn parse_pairs(text: &str) -> Result<Vec<TattooPair>, Fault> {
    let (columns, lines) = Columns::read(text, ["a", "b", "same", "kind"])?;
    let mut pairs = Vec::new();
    for (at, line) in lines {
        let [a, b, same, kind] = columns.fields(line).map_err(|reason| (at, reason))?;
        match (same, kind) {
            ("1", "clean" | "partial") | ("0", "impostor") => {}
            _ => return Err((at, format!("same = {same} and kind = {kind} do not go together"))),
        }
        check([a, b], at)?;
        pairs.push(TattooPair { a: a.to_owned(), b: b.to_owned(), kind: kind.to_owned() });
        if pairs.len() > MAX_CLIPS {
            return Err((at, format!("more than {MAX_CLIPS} pairs")));
        }
    }
    Ok(pairs)
}

fn parse_dogs(text: &str) -> Result<Vec<Dog>, Fault> {
    let (columns, lines) = Columns::read(text, ["path", "instance"])?;
    let mut dogs: Vec<Dog> = Vec::new();
    for (at, line) in lines {
        let [path, instance] = columns.fields(line).map_err(|reason| (at, reason))?;
        check([path], at)?;
        match dogs.iter_mut().find(|d| d.instance == instance) {
            Some(dog) => dog.photos.push(path.to_owned()),
            None => dogs.push(Dog { instance: instance.to_owned(), photos: vec![path.to_owned()] }),
        }
        if at > MAX_CLIPS {
            return Err((at, format!("more than {MAX_CLIPS} photos")));
        }
    }
    Ok(dogs)
}

fn check<const N: usize>(paths: [&str; N], line: usize) -> Result<(), Fault> {
    let leaves = |p: &&str| p.split(['/', '\\']).any(|part| part == "..") || Path::new(p).is_absolute();
    if paths.iter().any(leaves) { Err((line, "the path leaves the folder".to_owned())) } else { Ok(()) }
}

pub fn picture(data: &Path, path: &str) -> Result<Picture, EvaluateError> {
    let path = data.join(path);
    let bytes = fs::read(&path).map_err(|source| EvaluateError::NoClip { path: path.clone(), source })?;
    Picture::decode(&bytes, &DecodeLimits::file()).map_err(|source| EvaluateError::BadPicture { path, source })
}

pub fn look(data: &Path, path: &str, analyzer: &mut Analyzer, kind: Kind) -> Result<Seen, EvaluateError> {
    Ok(analyzer.look(&picture(data, path)?, kind, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_by_their_columns() {
        let pairs = parse_pairs("kind,a,b,same\nclean,x.jpg,y.jpg,1\nimpostor,x.jpg,z.jpg,0\n").unwrap();
        assert_eq!((pairs.len(), pairs[0].kind.as_str(), pairs[1].b.as_str()), (2, "clean", "z.jpg"));
        let dogs = parse_dogs("path,instance\n1.jpg,7\n2.jpg,8\n3.jpg,7\n").unwrap();
        assert_eq!(dogs[0], Dog { instance: "7".to_owned(), photos: vec!["1.jpg".to_owned(), "3.jpg".to_owned()] });
    }

    #[test]
    fn contradictions_and_paths_outside_are_refused() {
        assert_eq!(parse_pairs("a,b,same,kind\nx,y,0,clean\n").unwrap_err().0, 2);
        assert_eq!(parse_pairs("a,b,same,kind\n../x,y,0,impostor\n").unwrap_err().0, 2);
        assert!(parse_pairs("a,b\n").is_err() && parse_dogs("").is_err());
        assert!(parse_dogs("path,instance\n/etc/x,1\n").is_err());
    }
}
