//! The catalogue: `locales/<language>/*.ftl`, inside the binary. A key of the code has dots where its Fluent name has dashes:
//! `nav.shop` is `nav-shop`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast;
use unic_langid::LanguageIdentifier;

use crate::Language;

macro_rules! files {
    ($folder:literal) => {
        files!($folder, "shop", "checkout", "capture", "account", "wallet", "papers", "faces", "kiosk", "answers")
    };
    ($folder:literal, $($name:literal),*) => {
        &[$(($name, include_str!(concat!("../../../locales/", $folder, "/", $name, ".ftl")))),*]
    };
}

/// File and text.
const fn files(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::English => files!("en"),
        Language::Chinese => files!("zh-CN"),
        Language::German => files!("de"),
    }
}

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    /// Each text with `{name}` where a value goes.
    plain: BTreeMap<String, String>,
    variables: BTreeMap<String, BTreeSet<String>>,
    wrong: Vec<String>,
}

static ALL: LazyLock<[Catalogue; 3]> = LazyLock::new(|| Language::ALL.map(Catalogue::load));

fn of(language: Language) -> &'static Catalogue {
    let [english, chinese, german] = &*ALL;
    match language {
        Language::English => english,
        Language::Chinese => chinese,
        Language::German => german,
    }
}

impl Catalogue {
    fn load(language: Language) -> Self {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // All our languages run left to right: no marks around values are needed, and they would be copied with amounts.
        bundle.set_use_isolating(false);
        let (mut variables, mut wrong) = (BTreeMap::new(), Vec::new());
        for (name, source) in files(language) {
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(parsed, errors)| {
                wrong.extend(errors.iter().map(|e| format!("{name}: {e}")));
                parsed
            });
            for entry in resource.entries() {
                if let ast::Entry::Message(message) = entry {
                    let mut names = BTreeSet::new();
                    if let Some(pattern) = &message.value {
                        in_pattern(pattern, &mut names);
                    }
                    variables.insert(message.id.name.replace('-', "."), names);
                }
            }
            if let Err(twice) = bundle.add_resource(resource) {
                wrong.extend(twice.iter().map(|e| format!("{name}: {e}")));
            }
        }
        let mut catalogue = Self { bundle, plain: BTreeMap::new(), variables, wrong };
        let plain = catalogue.variables.iter().map(|(key, names)| {
            let open: Vec<_> = names.iter().map(|n| (n.as_str(), format!("{{{n}}}"))).collect();
            let open: Vec<_> = open.iter().map(|(n, v)| (*n, v.as_str())).collect();
            (key.clone(), catalogue.format(key, &open).unwrap_or_else(|| key.clone()))
        });
        catalogue.plain = plain.collect();
        catalogue
    }

    fn format(&self, key: &str, values: &[(&str, &str)]) -> Option<String> {
        let pattern = self.bundle.get_message(&key.replace('.', "-"))?.value()?;
        let args: FluentArgs<'_> = values.iter().copied().collect();
        // What cannot be filled in stays visible as `{$name}`.
        Some(self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
    }
}

fn in_pattern(pattern: &ast::Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            in_expression(expression, names);
        }
    }
}

fn in_expression(expression: &ast::Expression<&str>, names: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(inline) => in_inline(inline, names),
        ast::Expression::Select { selector, variants } => {
            in_inline(selector, names);
            variants.iter().for_each(|v| in_pattern(&v.value, names));
        }
    }
}

fn in_inline(inline: &ast::InlineExpression<&str>, names: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            names.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => in_expression(expression, names),
        _ => {}
    }
}

/// The text of `key`, with `{name}` where a value goes; a key that is missing shows itself (a test keeps every used key in
/// every language).
pub fn text(language: Language, key: &str) -> &str {
    of(language).plain.get(key).map_or(key, String::as_str)
}

/// The text of `key` with its values.
pub fn fill(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    of(language).format(key, values).unwrap_or_else(|| key.to_owned())
}

/// What is wrong with a language's files; a test keeps it empty.
pub fn faults(language: Language) -> &'static [String] {
    &of(language).wrong
}

/// Every key of a language.
pub fn keys(language: Language) -> impl Iterator<Item = &'static str> {
    of(language).plain.keys().map(String::as_str)
}

/// The names of the values that the text of `key` takes.
pub fn variables(language: Language, key: &str) -> Option<&'static BTreeSet<String>> {
    of(language).variables.get(key)
}

/// Every key and text, for the scripts.
pub fn script(language: Language) -> &'static BTreeMap<String, String> {
    &of(language).plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_whole() {
        for language in Language::ALL {
            assert_eq!(faults(language), Vec::<String>::new(), "{language:?}");
            assert!(of(language).plain.len() > 350, "{language:?}");
        }
    }

    #[test]
    fn every_key_is_in_every_language_with_the_same_values() {
        for language in [Language::Chinese, Language::German] {
            assert_eq!(of(Language::English).variables, of(language).variables, "{language:?}");
        }
    }

    #[test]
    fn nothing_is_left_in_english() {
        // Names, words that German took over, and what is the same by chance.
        let same =
            ["brand", "title", "shop.name", "field.name", "field.passphrase", "method.passphrase", "method.passkey"];
        let also = ["kind.tattoo", "nav.shop"];
        for language in [Language::Chinese, Language::German] {
            for (key, english) in &of(Language::English).plain {
                let words = english.split(|c: char| !c.is_alphabetic()).filter(|w| w.len() > 1).count();
                if words > 0 && !same.contains(&key.as_str()) && !also.contains(&key.as_str()) {
                    assert_ne!(text(language, key), english, "{language:?} {key}");
                }
            }
        }
        for (key, chinese) in &of(Language::Chinese).plain {
            let han = chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(han || ["brand", "title", "shop.name"].contains(&key.as_str()), "{key}: {chinese}");
        }
    }

    #[test]
    fn no_language_says_which_factor_failed() {
        let told = [
            "face",
            "score",
            "live",
            "fake",
            "photo",
            "match",
            "wrong",
            "identity",
            "gesicht",
            "falsch",
            "lebend",
            "foto",
            "gefälscht",
            "ähnlich",
            "脸",
            "面容",
            "照片",
            "假",
            "活体",
            "相似",
            "错误",
        ];
        for language in Language::ALL {
            for key in ["end.paid", "end.try_again", "end.confirm_too", "end.another_way", "api.proof_failed"] {
                let said = text(language, key).to_lowercase();
                for word in told {
                    assert!(!said.contains(word), "{said:?} gives away {word:?}");
                }
            }
        }
    }

    #[test]
    fn fills_every_value() {
        assert_eq!(fill(Language::English, "due.to", &[("payee", "Hannover Philatelie")]), "to Hannover Philatelie");
        assert_eq!(fill(Language::Chinese, "due.to", &[("payee", "Hannover Philatelie")]), "付给 Hannover Philatelie");
        assert_eq!(text(Language::German, "due.to"), "an {payee}");
        assert_eq!(text(Language::German, "no.such.key"), "no.such.key");
    }
}
