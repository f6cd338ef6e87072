//! Plain text, columns lined up.

use std::fmt::Write as _;

use super::table::{Cell, Column};
use super::{Document, Table};

impl Document {
    /// Facts and tables as plain text.
    pub fn terminal(&self) -> String {
        let mut text = format!("{}\n", self.title);
        // Writing to a String cannot fail.
        for fact in &self.facts {
            let _ = writeln!(text, "  {}: {}  {}", fact.name, fact.value, fact.note);
        }
        for table in self.tables() {
            text.push('\n');
            push(&mut text, table);
        }
        text
    }
}

fn push(text: &mut String, table: &Table) {
    let _ = writeln!(text, "{}", table.title);
    let width = |i: usize, column: &Column| {
        let cells = table.rows.iter().filter_map(|r| r.get(i)).map(|c| c.shown.chars().count());
        cells.chain([column.shown.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = table.columns.iter().enumerate().map(|(i, c)| width(i, c)).collect();
    let head: Vec<Cell> = table.columns.iter().map(|c| Cell::text(c.shown)).collect();
    for row in std::iter::once(&head).chain(&table.rows) {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(&table.columns).zip(&widths) {
            let space = " ".repeat(width - cell.shown.chars().count().min(*width));
            let (before, after) = if column.right { (space.as_str(), "") } else { ("", space.as_str()) };
            let _ = write!(line, "{before}{}{after}  ", cell.shown);
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if !table.note.is_empty() {
        let _ = writeln!(text, "{}", table.note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let table = Table {
            title: "t".to_owned(),
            columns: vec![Column::text("set", "set"), Column::number("n", "n")],
            rows: vec![vec![Cell::text("a"), Cell::count(7_u64)], vec![Cell::text("längst"), Cell::count(1_234_u64)]],
            ..Table::default()
        };
        let mut text = String::new();
        push(&mut text, &table);
        assert_eq!(text, "t\nset         n\na           7\nlängst  1,234\n");
    }
}
