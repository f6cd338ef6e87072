//! One CSV file a table (RFC 4180), with the names and values that programs read.

use super::{Document, Table};

impl Document {
    /// File name and text of each table.
    pub fn csv(&self) -> Vec<(String, String)> {
        self.tables().map(|table| (format!("{}.csv", table.id), text(table))).collect()
    }
}

fn text(table: &Table) -> String {
    let mut text = line(table.columns.iter().map(|c| c.name));
    for row in &table.rows {
        text.push_str(&line(row.iter().map(|c| c.raw.as_str())));
    }
    text
}

fn line<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let mut line = fields.map(quoted).collect::<Vec<String>>().join(",");
    line.push_str("\r\n");
    line
}

/// A leading sign is left alone: figures may be negative, and names of sets are the evaluator's own.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Column};
    use super::*;

    #[test]
    fn fields_are_quoted_when_they_must_be() {
        let table = Table {
            columns: vec![Column::text("Set", "set"), Column::number("FMR", "fmr")],
            rows: vec![vec![Cell::text("a,\"b\""), Cell::rate(0.000_5)]],
            ..Table::default()
        };
        assert_eq!(text(&table), "set,fmr\r\n\"a,\"\"b\"\"\",0.0005\r\n");
    }
}
