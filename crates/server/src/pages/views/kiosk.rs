use askama::Template;

use super::{Language, Shell, filters, strings};

/// A shop's kiosk: pairing, the amount, the payer's digits, the camera, the end.
#[derive(Template)]
#[template(path = "kiosk.html")]
pub struct Kiosk {
    pub shell: Shell,
    /// ISO 4217, of what is charged here.
    pub currency: &'static str,
    pub test_mode: bool,
    pub keys: [u8; 9],
}

impl Kiosk {
    pub fn new(currency: &'static str, test_mode: bool) -> Self {
        let shell = Shell::new(strings::text("kiosk.title"), "kiosk", None);
        Self { shell, currency, test_mode, keys: [1, 2, 3, 4, 5, 6, 7, 8, 9] }
    }
}
