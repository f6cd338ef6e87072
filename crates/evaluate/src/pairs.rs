use std::collections::HashMap;
use std::path::Path;

use crate::columns::{Columns, read_list};
use crate::error::EvaluateError;

/// Two pictures (places in [`PairList::images`]) and what is known about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    pub same: bool,
    pub group: String,
    pub set: String,
}

/// A list of pairs; each picture is named once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PairList {
    /// Paths relative to the list's folder.
    pub images: Vec<String>,
    pub pairs: Vec<Pair>,
}

impl PairList {
    /// Reads a CSV file with the columns `a,b,same,group,set` (in any order; no quoted commas).
    ///
    /// # Errors
    /// The file is missing, too large, empty or malformed.
    pub fn read(path: &Path) -> Result<Self, EvaluateError> {
        let list = Self::parse(&read_list(path)?).map_err(|(line, reason)| EvaluateError::BadList {
            path: path.to_owned(),
            line,
            reason: format!("{reason}; expected the columns a,b,same,group,set"),
        })?;
        if list.pairs.is_empty() { Err(EvaluateError::Empty { path: path.to_owned() }) } else { Ok(list) }
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let (columns, rows) = Columns::read(text, ["a", "b", "same", "group", "set"])?;
        let mut list = Self::default();
        let mut known = HashMap::new();
        for (number, line) in rows {
            let [a, b, same, group, set] = columns.fields(line).map_err(|e| (number, e))?;
            let same = match same {
                "1" | "true" => true,
                "0" | "false" => false,
                other => return Err((number, format!("`{other}` is not 0 or 1"))),
            };
            let mut place =
                |name: &str| *known.entry(name.to_owned()).or_insert_with(|| list_image(&mut list.images, name));
            let (a, b) = (place(a), place(b));
            list.pairs.push(Pair { a, b, same, group: group.to_owned(), set: set.to_owned() });
        }
        Ok(list)
    }
}

fn list_image(images: &mut Vec<String>, name: &str) -> usize {
    images.push(name.to_owned());
    images.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_each_picture_once() {
        let list = PairList::parse("a,b,same,group,set\nx.jpg,y.jpg,1,,s\ny.jpg,z.jpg,0,G,s\n\n").unwrap();
        assert_eq!(list.images, ["x.jpg", "y.jpg", "z.jpg"]);
        assert_eq!((list.pairs[1].a, list.pairs[1].b, list.pairs[1].same), (1, 2, false));
        assert_eq!((list.pairs[0].group.as_str(), list.pairs[1].group.as_str()), ("", "G"));
    }

    #[test]
    fn says_the_line_of_a_mistake() {
        assert_eq!(PairList::parse("a,b,same,set\n").unwrap_err().0, 1);
        assert_eq!(PairList::parse("a,b,same,group,set\nx,y,1,,s\nx,y,2,,s").unwrap_err().0, 3);
        assert_eq!(PairList::parse("a,b,same,group,set\nx,y,1").unwrap_err().0, 2);
    }
}
