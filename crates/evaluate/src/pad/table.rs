//! Lists of clips and stills: CSV with a head line; fields may be quoted.

use std::path::Path;

use crate::error::EvaluateError;
use crate::limits::MAX_LIST_BYTES;

/// Rows by column name.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// One row of a [`Table`].
pub(crate) struct Row<'a> {
    head: &'a [String],
    fields: &'a [String],
}

impl Table {
    /// # Errors
    /// The file is missing, too large, or lacks one of the `needed` columns.
    pub(crate) fn read(path: &Path, needed: &[&str]) -> Result<Self, EvaluateError> {
        let unreadable = |source| EvaluateError::NoList { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_LIST_BYTES {
            return Err(EvaluateError::ListTooLarge { path: path.to_owned() });
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let table = Self::parse(&text);
        match needed.iter().find(|name| !table.head.iter().any(|h| h == *name)) {
            None => Ok(table),
            Some(name) => Err(EvaluateError::NoColumn { path: path.to_owned(), name: (*name).to_owned() }),
        }
    }

    fn parse(text: &str) -> Self {
        let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
        let head = lines.next().map(fields).unwrap_or_default();
        Self { head, rows: lines.map(fields).collect() }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|fields| Row { head: &self.head, fields })
    }
}

impl<'a> Row<'a> {
    /// The field of this column, trimmed; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &'a str {
        let place = self.head.iter().position(|h| h == name);
        place.and_then(|i| self.fields.get(i)).map_or("", |field| field.trim())
    }

    /// The field as a finite number; `None` when it is none.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.get(name).parse().ok().filter(|value: &f64| value.is_finite())
    }
}

fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for letter in line.trim_end_matches('\r').chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            other => {
                if let Some(last) = out.last_mut() {
                    last.push(other);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_commas_empty_numbers_and_missing_columns() {
        let table = Table::parse("dir,content,yaw_range\r\nx,\"head turn, talk\",0.36\r\n\ny,still,\n");
        let rows: Vec<Row<'_>> = table.rows().collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].get("content"), rows[0].number("yaw_range")), ("head turn, talk", Some(0.36)));
        assert_eq!((rows[1].number("yaw_range"), rows[1].get("nothing")), (None, ""));
    }
}
