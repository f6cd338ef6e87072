//! What the audience reads: plain words while it happens, and the receipt.

use std::cell::RefCell;

use serde_json::Value;

use crate::terminal::{note, say};

/// Tells the story; silent when many runs are counted.
#[derive(Debug)]
pub struct Report {
    quiet: bool,
    /// The last prompt or hint: it is said once, as a person hears it once.
    told: RefCell<String>,
}

impl Report {
    pub fn new(quiet: bool) -> Self {
        Self { quiet, told: RefCell::default() }
    }

    fn is_news(&self, text: &str) -> bool {
        !self.quiet && self.told.replace(text.to_owned()) != text
    }

    pub fn step(&self, text: &str) {
        if !self.quiet {
            say(text);
        }
    }

    pub fn prompt(&self, text: &str) {
        if self.is_news(text) {
            say(format_args!("    “{text}”"));
        }
    }

    pub fn hint(&self, text: &str) {
        if self.is_news(text) {
            say(format_args!("      ({text})"));
        }
    }

    pub fn view(&self, kept: u32, of: u32) {
        if !self.quiet {
            say(format_args!("      view {kept} of {of} kept"));
        }
    }

    pub fn progress(&self, text: &str) {
        note(text);
    }

    /// The receipt as a small slip.
    pub fn receipt(&self, receipt: &Value) {
        if self.quiet {
            return;
        }
        let text = |path: &str| receipt.pointer(path).and_then(Value::as_str).unwrap_or("–").to_owned();
        let cents = receipt.pointer("/amount").and_then(Value::as_i64).unwrap_or(0);
        let rows = [
            ("Receipt", text("/id")),
            ("Paid to", text("/payee")),
            ("For", text("/description")),
            ("Amount", format!("{}.{:02} {}", cents / 100, cents % 100, text("/currency"))),
            ("At", text("/paid_at")),
            ("Deliver to", text("/delivery/to")),
            ("Promised", text("/delivery/promised")),
        ];
        let line = "─".repeat(64);
        say(&line);
        for (label, value) in rows {
            say(format_args!("  {label:<11} {value}"));
        }
        say(line);
    }
}
