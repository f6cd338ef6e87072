//! One HTML file: styles and figures inside, nothing fetched, readable without a server.

use askama::Template;

use super::Document;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'d> {
    document: &'d Document,
}

impl Document {
    /// The page; it has no script and asks for no other file.
    pub fn html(&self) -> String {
        // Rendering to a String of a template that compiled cannot fail.
        Page { document: self }.render().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Column, Fact, Figure, Section, Table};
    use super::*;

    #[test]
    fn the_page_is_alone_and_escapes_names() {
        let table = Table {
            id: "sets",
            title: "Sets".to_owned(),
            columns: vec![Column::text("Set", "set")],
            rows: vec![vec![Cell::text("<script>")]],
            ..Table::default()
        };
        let figure =
            Figure { title: "F".to_owned(), caption: "C".to_owned(), svg: "<svg></svg>".to_owned(), wide: false };
        let document = Document {
            title: "T & t".to_owned(),
            facts: vec![Fact { name: "n".to_owned(), value: "0".to_owned(), note: String::new() }],
            sections: vec![Section { figures: vec![figure], tables: vec![table], ..Section::default() }],
            ..Document::default()
        };
        let html = document.html();
        assert!(html.contains("<svg></svg>") && !html.contains("<script"));
        for outside in ["src=", "href=\"http", "url(", "@import"] {
            assert!(!html.contains(outside), "{outside}");
        }
    }
}
