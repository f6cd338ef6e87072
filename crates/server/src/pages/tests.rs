//! The templates, without a server: what every page must be.

use std::collections::BTreeSet;
use std::path::PathBuf;

use words::Language;

use super::{samples, strings};
use crate::language::speaking;

fn count(html: &str, what: &str) -> usize {
    html.matches(what).count()
}

#[test]
fn every_page_has_one_heading_and_no_inline_code() {
    for (name, html) in Language::ALL.into_iter().flat_map(|l| speaking(l, samples::all)) {
        assert!(html.starts_with("<!doctype html>"), "{name}: {html:.80}");
        assert_eq!(count(&html, "<h1"), 1, "{name}");
        assert_eq!(count(&html, "<main"), 1, "{name}");
        // A link back to the shop leads to another site; nothing is loaded from there.
        let html = html.replace("href=\"https://shop.example/", "href=\"/");
        for inline in [" style=", "<style", "onclick=", "javascript:", "http://", "https://"] {
            assert!(!html.contains(inline), "{name} has {inline}");
        }
        assert_eq!(count(&html, "<script"), count(&html, "<script type=\"module\" src=\"/assets/"), "{name}");
    }
}

#[test]
fn every_field_has_a_label_and_every_picture_a_text() {
    for (name, html) in Language::ALL.into_iter().flat_map(|l| speaking(l, samples::all)) {
        for field in html.split("<input ").skip(1) {
            let tag = field.split('>').next().unwrap();
            if tag.starts_with("type=\"hidden\"") {
                continue;
            }
            let id = tag.split("id=\"").nth(1).and_then(|t| t.split('"').next());
            let labelled = id.is_some_and(|id| html.contains(&format!("<label for=\"{id}\">")));
            assert!(labelled || html.contains(&format!("<label class=\"tick\"><input {tag}>")), "{name}: {tag}");
        }
        for picture in html.split("<img ").skip(1) {
            assert!(picture.split('>').next().unwrap().contains("alt="), "{name}");
        }
    }
}

#[test]
fn every_text_that_is_used_is_in_the_catalogue() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let mut used = BTreeSet::new();
    for folder in ["templates", "src/pages", "src/pages/views"] {
        for file in std::fs::read_dir(format!("{root}{folder}")).unwrap() {
            let path = file.unwrap().path();
            if let Ok(text) = std::fs::read_to_string(&path) {
                used.extend(keys(&text, "{{ \"", "\"|t }}"));
                used.extend(keys(&text, "strings::text(\"", "\")"));
                used.extend(keys(&text, "strings::fill(\"", "\","));
            }
        }
    }
    for file in std::fs::read_dir(format!("{root}../../web/assets")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        used.extend(keys(&text, " t(\"", "\""));
        used.extend(keys(&text, "(t(\"", "\""));
    }
    assert!(used.len() > 120, "{}", used.len());
    let known = |key: &&String| strings::text(key) == key.as_str();
    let missing: Vec<_> = used.iter().filter(known).collect();
    assert!(missing.is_empty(), "not in locales/en: {missing:?}");
}

/// Every file in `folder` of the repository with this ending: name and text.
fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    let wanted = files.filter(|p| p.extension().is_some_and(|e| e == ending));
    wanted
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap()))
        .collect()
}

#[test]
fn templates_and_scripts_hold_no_words_of_their_own() {
    for (name, html) in sources("crates/server/templates", "html") {
        for (open, close) in [("{%", "%}"), ("{{", "}}")] {
            assert_eq!(count(&html, open), count(&html, close), "{name}");
        }
        let bare = without(&without(&html, "{%", "%}"), "{{", "}}");
        let words: String = without(&bare, "<", ">");
        assert!(
            !words.chars().any(char::is_alphabetic),
            "{name} says {:?}",
            words.split_whitespace().collect::<Vec<_>>()
        );
        for spoken in ["alt=\"", "aria-label=\"", "title=\"", "placeholder=\""] {
            for text in bare.split(spoken).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(!text.chars().any(char::is_alphabetic), "{name}: {spoken}{text}");
            }
        }
    }
    for (name, script) in sources("web/assets", "js") {
        for place in ["textContent = \"", "innerText = \"", "speak(\"", "setAttribute(\"aria-label\", \""] {
            for text in script.split(place).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(!text.chars().any(char::is_alphabetic), "{name}: {place}{text}");
            }
        }
    }
}

/// `text` without what stands between `open` and `close`.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut pieces = text.split(open);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |kept, piece| kept + " " + piece.split_once(close).map_or("", |(_, rest)| rest))
}

#[test]
fn no_page_is_left_in_english() {
    let english: Vec<(&str, &str)> = words::keys(Language::English)
        .map(|key| (key, words::text(Language::English, key)))
        // Sentences and labels; a word alone may be part of another one.
        .filter(|(_, text)| text.contains(' ') && !text.contains('{'))
        .collect();
    assert!(english.len() > 200, "{}", english.len());
    for language in [Language::German, Language::Chinese] {
        for (name, html) in speaking(language, samples::all) {
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())), "{name}");
            for (key, text) in english.iter().filter(|(key, text)| words::text(language, key) != *text) {
                assert!(!html.contains(&text.replace('\'', "&#39;")), "{name} in {language:?} says {key}: {text}");
            }
            if language == Language::Chinese {
                let bare = without(&without(&html, "<head", "</head"), "<", ">");
                let latin =
                    bare.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 2).collect::<BTreeSet<_>>();
                let names = "Ada English Deutsch Hannover JavaScript Lindqvist Philatelie Smilepay UTC My phone EUR rcpt ord POST \
                    faces compare https localhost";
                let foreign: Vec<_> = latin.iter().filter(|w| !names.split_whitespace().any(|n| n == **w)).collect();
                assert!(
                    foreign.iter().all(|w| w.chars().any(char::is_lowercase) && w.len() > 20),
                    "{name}: {foreign:?}"
                );
            }
        }
    }
}

#[test]
fn the_switch_shows_every_language_in_itself() {
    for language in Language::ALL {
        for (name, html) in speaking(language, samples::all) {
            assert_eq!(count(&html, "aria-current=\"true\""), 1, "{name}");
            assert!(
                html.contains(&format!("lang=\"{}\" aria-current=\"true\">{}<", language.tag(), language.name())),
                "{name}"
            );
            for other in Language::ALL {
                assert!(html.contains(other.name()), "{name}: {other:?}");
            }
        }
    }
}

#[test]
fn scripts_can_fill_in_every_text() {
    for language in Language::ALL {
        for (key, text) in words::script(language) {
            assert!(!text.contains("{$") && !text.contains("->"), "{language:?} {key}: a script cannot choose: {text}");
        }
    }
}

fn keys<'t>(text: &'t str, before: &'t str, after: &'t str) -> impl Iterator<Item = String> + 't {
    text.split(before)
        .skip(1)
        .filter_map(move |rest| rest.split_once(after))
        .map(|(key, _)| key.to_owned())
        .filter(|k| k.len() < 40 && !k.contains('\n'))
}

#[test]
fn what_people_type_cannot_become_code() {
    let page = super::views::Wallet::new("token".into(), "<script>alert(1)</script>");
    let html = askama::Template::render(&page).unwrap();
    assert!(!html.contains("<script>alert"), "{html}");
}

#[test]
fn the_shop_has_the_name_of_its_merchant() {
    assert_eq!(strings::text("shop.name"), service::seed::SHOP);
}
