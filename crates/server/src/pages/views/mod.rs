//! What each page shows, as plain texts: no rule and no look-up lives here.

mod account;
mod checkout;
mod enrol;
mod faces;
mod kiosk;
mod papers;
mod shop;
mod wallet;
mod way;

pub use account::{SignIn, SignUp};
pub use checkout::{Checkout, CheckoutState, Due};
pub use enrol::Enrol;
pub use faces::Faces;
pub use kiosk::Kiosk;
pub use papers::{Order, Privacy, Problem, Receipt, TrailStep};
pub use shop::Shop;
pub use wallet::{
    Ability, Agreement, ConsentLine, KioskCard, Limit, MethodCard, Notice, PasskeyLine, PaymentLine, Wallet,
};
pub use way::Way;

use words::Language;

use super::strings;
use crate::language;

/// The frame around every page.
pub struct Shell {
    pub title: String,
    /// The page's ES module, without `.js`.
    pub script: &'static str,
    pub signed_in: bool,
    /// For scripts that change something on behalf of the payer.
    pub csrf: Option<String>,
    /// The page belongs to the shop, not to the wallet.
    pub shop: bool,
    pub wallet: bool,
    pub language: Language,
    /// Where the switch of languages comes back to.
    pub here: String,
}

impl Shell {
    /// A page of Smilepay itself; `csrf` is the signed-in payer's token.
    pub fn new(page: &str, script: &'static str, csrf: Option<String>) -> Self {
        let title = strings::fill("title", &[("page", page)]);
        let (language, here) = (language::current(), language::here());
        Self { title, script, signed_in: csrf.is_some(), csrf, shop: false, wallet: false, language, here }
    }

    /// A page of the shop.
    pub fn of_shop(page: &str, csrf: Option<String>) -> Self {
        Self { shop: true, ..Self::new(page, "page", csrf) }
    }
}

mod filters {
    use super::strings;

    /// `{{ "nav.shop"|t }}`: a text of the catalogue.
    #[askama::filter_fn]
    pub fn t<'a>(key: &'a str, _: &dyn askama::Values) -> askama::Result<&'a str> {
        Ok(strings::text(key))
    }
}
