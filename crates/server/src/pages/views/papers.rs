use askama::Template;

use super::{Language, Shell, filters, strings};

/// What was paid, by which methods, and what was promised. No scores.
#[derive(Template)]
#[template(path = "receipt.html")]
pub struct Receipt {
    pub shell: Shell,
    pub id: String,
    pub status: &'static str,
    pub amount: String,
    pub to_payee: String,
    pub refunded: Option<String>,
    pub description: String,
    pub payer: String,
    pub paid_at: String,
    pub paid_at_iso: String,
    pub methods: String,
    pub ship_to: String,
    pub promised: String,
    pub promised_iso: String,
    /// Where the goods are.
    pub delivery: &'static str,
    pub late: bool,
    pub order_url: String,
    /// The shop's own page about it.
    pub shop_url: Option<String>,
    pub test_mode: bool,
}

pub struct TrailStep {
    pub name: &'static str,
    pub detail: String,
    pub done: bool,
}

/// An order on its way.
#[derive(Template)]
#[template(path = "order.html")]
pub struct Order {
    pub shell: Shell,
    pub id: String,
    pub status: &'static str,
    pub item: String,
    pub promise: String,
    /// The promised day is over.
    pub late: bool,
    pub tracking: Option<String>,
    pub trail: Vec<TrailStep>,
    pub ship_to: String,
    pub promised: String,
    pub promised_iso: String,
    pub payee: String,
    pub amount: String,
    pub receipt_url: Option<String>,
}

/// A page that could not be shown, and what to do.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct Problem {
    pub shell: Shell,
    pub heading: &'static str,
    pub detail: String,
    pub expired: bool,
}

pub struct Section {
    pub heading: &'static str,
    pub text: Vec<String>,
}

#[derive(Template)]
#[template(path = "privacy.html")]
pub struct Privacy {
    pub shell: Shell,
    pub sections: Vec<Section>,
}

impl Privacy {
    /// `ways`: the methods that are open in `region`, as people read them.
    pub fn new(csrf: Option<String>, region: &str, ways: &str) -> Self {
        let part = |heading, text: &[&'static str]| Section {
            heading: strings::text(heading),
            text: text.iter().map(|key| strings::text(key).to_owned()).collect(),
        };
        let key = format!("region.{region}");
        let rules = words::text(Language::English, &key) != key;
        let of_region = rules.then(|| strings::fill(&key, &[]));
        let here = of_region.into_iter().chain([strings::fill("region.ways", &[("ways", ways)])]);
        Self {
            shell: Shell::new(strings::text("privacy.title"), "page", csrf),
            sections: vec![
                part("privacy.1", &["privacy.1.1", "privacy.1.2"]),
                part("privacy.2", &["privacy.2.1"]),
                part("privacy.3", &["privacy.3.1", "privacy.3.2"]),
                part("privacy.4", &["privacy.4.1"]),
                Section { heading: strings::text("region.title"), text: here.collect() },
            ],
        }
    }
}

impl Problem {
    fn of(heading: &'static str, why: &'static str, expired: bool) -> Self {
        let heading = strings::text(heading);
        Self { shell: Shell::new(heading, "page", None), heading, detail: strings::text(why).to_owned(), expired }
    }

    pub fn not_found() -> Self {
        Self::of("problem.not_found", "problem.not_found_why", false)
    }

    pub fn forbidden() -> Self {
        Self::of("problem.forbidden", "problem.forbidden_why", false)
    }

    pub fn expired() -> Self {
        Self::of("problem.expired", "problem.expired_why", true)
    }

    pub fn busy() -> Self {
        Self::of("problem.busy", "problem.busy_why", true)
    }

    pub fn broken() -> Self {
        Self::of("problem.broken", "problem.broken_why", false)
    }

    pub fn closed() -> Self {
        Self::of("problem.closed", "problem.closed_why", true)
    }
}
