//! What an evaluation shows, once for every form: terminal, CSV, Markdown, and one HTML file with its figures inside.

pub mod chart;
mod csv;
mod html;
mod markdown;
mod table;
mod terminal;

pub use table::{Cell, Column, Table};
pub(crate) use table::{rate, thousands};

/// A report. It holds rates, counts and curves; no picture, no name of a person, no score of one comparison.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub title: String,
    /// One or two sentences under the title.
    pub lead: String,
    /// The figures to see first.
    pub facts: Vec<Fact>,
    pub sections: Vec<Section>,
    /// How it was made: name and value.
    pub made: Vec<(String, String)>,
}

/// A figure with its name and what it rests on.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    pub name: String,
    pub value: String,
    pub note: String,
}

#[derive(Clone, Debug, Default)]
pub struct Section {
    pub title: String,
    /// Paragraphs.
    pub text: Vec<String>,
    pub figures: Vec<Figure>,
    pub tables: Vec<Table>,
}

/// A drawing in the HTML report; the other forms leave it out, because its numbers stand in the tables.
#[derive(Clone, Debug)]
pub struct Figure {
    pub title: String,
    /// What a reader should see in it.
    pub caption: String,
    pub svg: String,
    /// Takes the whole width.
    pub wide: bool,
}

impl Document {
    fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections.iter().flat_map(|s| &s.tables)
    }
}
