//! Small CSV lists: named columns in any order, no quoted commas.

use std::path::Path;

use crate::error::EvaluateError;
use crate::limits::MAX_LIST_BYTES;

/// Where `N` named columns are.
pub(crate) struct Columns<const N: usize> {
    count: usize,
    places: [usize; N],
}

/// A line and its number, from 1.
type Line<'a> = (usize, &'a str);

impl<const N: usize> Columns<N> {
    /// The columns of the head line, and the lines below it that are not blank.
    pub(crate) fn read<'a>(
        text: &'a str,
        names: [&str; N],
    ) -> Result<(Self, impl Iterator<Item = Line<'a>>), (usize, String)> {
        let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim_end_matches('\r')));
        let (_, head) = lines.next().ok_or((1, "the file is empty".to_owned()))?;
        let found: Vec<&str> = head.trim_start_matches('\u{feff}').split(',').map(str::trim).collect();
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            let missing = || (1, format!("the column `{name}` is missing"));
            *place = found.iter().position(|n| *n == name).ok_or_else(missing)?;
        }
        Ok((Self { count: found.len(), places }, lines.filter(|(_, l)| !l.trim().is_empty())))
    }

    pub(crate) fn fields<'a>(&self, line: &'a str) -> Result<[&'a str; N], String> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if fields.len() != self.count {
            return Err(format!("{} fields instead of {}", fields.len(), self.count));
        }
        Ok(self.places.map(|i| fields.get(i).copied().unwrap_or_default()))
    }
}

/// The text of a list that is not too large.
pub(crate) fn read_list(path: &Path) -> Result<String, EvaluateError> {
    let unreadable = |source| EvaluateError::NoList { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_LIST_BYTES {
        return Err(EvaluateError::ListTooLarge { path: path.to_owned() });
    }
    std::fs::read_to_string(path).map_err(unreadable)
}
