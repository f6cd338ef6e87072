use askama::Template;

use super::{Language, Shell, filters, strings};

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    pub shell: Shell,
}

impl SignIn {
    pub fn new() -> Self {
        Self { shell: Shell::new(strings::text("sign_in.title"), "sign", None) }
    }
}

#[derive(Template)]
#[template(path = "sign_up.html")]
pub struct SignUp {
    pub shell: Shell,
    pub passphrase_min: usize,
    pub passphrase_note: String,
}

impl SignUp {
    /// `passphrase_min`: the fewest characters the server accepts.
    pub fn new(passphrase_min: usize) -> Self {
        Self {
            shell: Shell::new(strings::text("sign_up.title"), "sign", None),
            passphrase_min,
            passphrase_note: strings::fill("sign_up.note", &[("n", &passphrase_min.to_string())]),
        }
    }
}
