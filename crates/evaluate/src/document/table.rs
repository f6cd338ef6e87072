/// A table; each cell holds what people read and what programs read.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Short and unique in its document: the CSV file's name.
    pub id: &'static str,
    pub title: String,
    /// A line below it; may be empty.
    pub note: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// A column's head: the words for people, the name for programs.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub shown: &'static str,
    pub name: &'static str,
    /// Numbers stand to the right.
    pub right: bool,
}

impl Column {
    pub const fn text(shown: &'static str, name: &'static str) -> Self {
        Self { shown, name, right: false }
    }

    pub const fn number(shown: &'static str, name: &'static str) -> Self {
        Self { shown, name, right: true }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub shown: String,
    pub raw: String,
    /// Stands out: not met, not claimable.
    pub care: bool,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        let raw = text.into();
        let shown = if raw.is_empty() { "–".to_owned() } else { raw.clone() };
        Self { shown, raw, care: false }
    }

    pub fn count(n: impl Into<u64>) -> Self {
        let n = n.into();
        Self { shown: thousands(n), raw: n.to_string(), care: false }
    }

    /// A share in per cent with two decimals.
    pub fn percent(share: f64) -> Self {
        Self { shown: percent(share), raw: share.to_string(), care: false }
    }

    /// A small share, as 1.3e-4.
    pub fn rate(share: f64) -> Self {
        Self { shown: rate(share), raw: share.to_string(), care: false }
    }

    pub fn number(value: f64, decimals: usize) -> Self {
        Self { shown: format!("{value:.decimals$}"), raw: value.to_string(), care: false }
    }

    pub fn percents([low, high]: [f64; 2]) -> Self {
        Self { shown: format!("{} – {}", percent(low), percent(high)), raw: format!("{low}..{high}"), care: false }
    }

    pub fn rates([low, high]: [f64; 2]) -> Self {
        Self { shown: format!("{} – {}", rate(low), rate(high)), raw: format!("{low}..{high}"), care: false }
    }

    /// `yes`, or `no` that stands out.
    pub fn yes(yes: bool) -> Self {
        let shown = if yes { "yes" } else { "no" };
        Self { shown: shown.to_owned(), raw: yes.to_string(), care: !yes }
    }

    pub fn none() -> Self {
        Self { shown: "–".to_owned(), raw: String::new(), care: false }
    }

    pub fn or_none<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or_else(Self::none, cell)
    }

    #[must_use]
    pub fn with_care(mut self, care: bool) -> Self {
        self.care = care;
        self
    }
}

pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

pub(crate) fn rate(share: f64) -> String {
    if share == 0.0 { "0".to_owned() } else { format!("{share:.1e}") }
}

/// Digits in groups of three.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((rate(0.0), rate(1.31e-4), percent(0.012_34)), ("0".into(), "1.3e-4".into(), "1.23 %".into()));
        assert_eq!(Cell::or_none(None::<f64>, Cell::percent), Cell::none());
    }
}
