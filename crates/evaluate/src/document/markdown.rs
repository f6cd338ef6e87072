//! Markdown for `docs/`.

use std::fmt::Write as _;

use super::{Document, Table};

impl Document {
    /// Everything but the figures.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n{}\n", self.title, self.lead);
        for (name, value) in &self.made {
            let _ = write!(text, "\n- **{name}**: {value}");
        }
        text.push('\n');
        if !self.facts.is_empty() {
            text.push('\n');
        }
        for fact in &self.facts {
            let _ = writeln!(text, "- {}: **{}** {}", fact.name, fact.value, fact.note);
        }
        for section in &self.sections {
            let _ = writeln!(text, "\n## {}", section.title);
            for paragraph in &section.text {
                let _ = writeln!(text, "\n{paragraph}");
            }
            section.tables.iter().for_each(|t| push(&mut text, t));
        }
        text
    }
}

fn push(text: &mut String, table: &Table) {
    if !table.title.is_empty() {
        let _ = writeln!(text, "\n### {}", table.title);
    }
    let row = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | ").replace('\n', " "));
    text.push('\n');
    text.push_str(&row(table.columns.iter().map(|c| c.shown).collect()));
    text.push_str(&row(table.columns.iter().map(|c| if c.right { "---:" } else { "---" }).collect()));
    for cells in &table.rows {
        text.push_str(&row(cells.iter().map(|c| c.shown.as_str()).collect()));
    }
    if !table.note.is_empty() {
        let _ = writeln!(text, "\n{}", table.note);
    }
}
