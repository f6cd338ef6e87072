//! The templates, without a server: what every page must be.

use std::collections::BTreeSet;

use super::{samples, strings};

fn count(html: &str, what: &str) -> usize {
    html.matches(what).count()
}

#[test]
fn every_page_has_one_heading_and_no_inline_code() {
    for (name, html) in samples::all() {
        assert!(html.starts_with("<!doctype html>"), "{name}: {html:.80}");
        assert_eq!(count(&html, "<h1"), 1, "{name}");
        assert_eq!(count(&html, "<main"), 1, "{name}");
        for inline in [" style=", "<style", "onclick=", "javascript:", "http://", "https://"] {
            assert!(!html.contains(inline), "{name} has {inline}");
        }
        assert_eq!(count(&html, "<script"), count(&html, "<script type=\"module\" src=\"/assets/"), "{name}");
    }
}

#[test]
fn every_field_has_a_label_and_every_picture_a_text() {
    for (name, html) in samples::all() {
        for field in html.split("<input ").skip(1) {
            let tag = field.split('>').next().unwrap();
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
    assert!(missing.is_empty(), "not in web/locales/en.json: {missing:?}");
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
