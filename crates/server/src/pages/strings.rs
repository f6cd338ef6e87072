//! The one catalogue of texts: `web/locales/en.json`, for the pages and (as an ES module) for the scripts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const ENGLISH: &str = include_str!("../../../../web/locales/en.json");

static CATALOGUE: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| serde_json::from_str(ENGLISH).unwrap_or_default());

/// The text of `key`; a key that is missing shows itself (a test keeps every used key in the catalogue).
pub fn text(key: &str) -> &str {
    CATALOGUE.get(key).map_or(key, String::as_str)
}

/// The text of `key` with each `{name}` replaced by its value.
pub fn fill(key: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text(key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// The catalogue as an ES module for the scripts.
pub fn as_module() -> String {
    format!("export default {};\n", ENGLISH.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_every_placeholder() {
        assert_eq!(fill("due.to", &[("payee", "Hannover Philatelie")]), "to Hannover Philatelie");
        assert!(CATALOGUE.len() > 100);
    }
}
