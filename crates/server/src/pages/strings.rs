//! The catalogue of texts (crate `words`) in the language of the request, for the pages and (as an ES module) for the scripts.

use crate::language;

/// The text of `key`; a key that is missing shows itself (a test keeps every used key in the catalogue).
pub fn text(key: &str) -> &str {
    words::text(language::current(), key)
}

/// The text of `key`, where the catalogue has it.
pub fn find(key: &str) -> Option<&'static str> {
    words::script(language::current()).get(key).map(String::as_str)
}

/// The text of `key` with each `{name}` replaced by its value.
pub fn fill(key: &str, values: &[(&str, &str)]) -> String {
    words::fill(language::current(), key, values)
}

/// The catalogue as an ES module for the scripts.
pub fn as_module() -> String {
    let texts = serde_json::to_string(words::script(language::current())).unwrap_or_else(|_| "{}".to_owned());
    format!("export default {texts};\n")
}
