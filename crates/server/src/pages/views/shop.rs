use askama::Template;

use super::{Language, Shell, filters, strings};

/// The shop's one page.
#[derive(Template)]
#[template(path = "shop.html")]
pub struct Shop {
    pub shell: Shell,
    pub price: String,
    pub buy: String,
    pub delivery: String,
    pub ship_to: String,
}

impl Shop {
    /// `price` and `promised` (a date) as they are shown; `ship_to` is where the stamp goes.
    pub fn new(csrf: Option<String>, price: String, promised: &str, ship_to: String) -> Self {
        Self {
            shell: Shell::of_shop(strings::text("shop.item"), csrf),
            buy: strings::fill("shop.buy", &[("price", &price)]),
            delivery: strings::fill("shop.delivery", &[("date", promised)]),
            price,
            ship_to,
        }
    }
}
