use std::collections::HashMap;
use std::path::Path;

use crate::error::EvaluateError;
use crate::limits::MAX_LIST_BYTES;

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
        let unreadable = |source| EvaluateError::NoList { path: path.to_owned(), source };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > MAX_LIST_BYTES {
            return Err(EvaluateError::ListTooLarge { path: path.to_owned() });
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let list = Self::parse(&text).map_err(|(line, reason)| EvaluateError::BadList {
            path: path.to_owned(),
            line,
            reason,
        })?;
        if list.pairs.is_empty() { Err(EvaluateError::Empty { path: path.to_owned() }) } else { Ok(list) }
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim_end_matches('\r')));
        let (_, head) = lines.next().ok_or((1, "the file is empty".to_owned()))?;
        let columns = Columns::of(head.trim_start_matches('\u{feff}')).map_err(|e| (1, e))?;
        let mut list = Self::default();
        let mut known = HashMap::new();
        for (number, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
            let row = columns.row(line).map_err(|e| (number, e))?;
            let mut place =
                |name: &str| *known.entry(name.to_owned()).or_insert_with(|| list_image(&mut list.images, name));
            let (a, b) = (place(row.a), place(row.b));
            list.pairs.push(Pair { a, b, same: row.same, group: row.group.to_owned(), set: row.set.to_owned() });
        }
        Ok(list)
    }
}

fn list_image(images: &mut Vec<String>, name: &str) -> usize {
    images.push(name.to_owned());
    images.len() - 1
}

/// Where each column is.
struct Columns {
    count: usize,
    a: usize,
    b: usize,
    same: usize,
    group: usize,
    set: usize,
}

struct Row<'a> {
    a: &'a str,
    b: &'a str,
    same: bool,
    group: &'a str,
    set: &'a str,
}

impl Columns {
    fn of(head: &str) -> Result<Self, String> {
        let names: Vec<&str> = head.split(',').map(str::trim).collect();
        let find =
            |name: &str| names.iter().position(|n| *n == name).ok_or_else(|| format!("the column `{name}` is missing"));
        Ok(Self {
            count: names.len(),
            a: find("a")?,
            b: find("b")?,
            same: find("same")?,
            group: find("group")?,
            set: find("set")?,
        })
    }

    fn row<'a>(&self, line: &'a str) -> Result<Row<'a>, String> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if fields.len() != self.count {
            return Err(format!("{} fields instead of {}", fields.len(), self.count));
        }
        let get = |i: usize| fields.get(i).copied().unwrap_or_default();
        let same = match get(self.same) {
            "1" | "true" => true,
            "0" | "false" => false,
            other => return Err(format!("`{other}` is not 0 or 1")),
        };
        Ok(Row { a: get(self.a), b: get(self.b), same, group: get(self.group), set: get(self.set) })
    }
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
