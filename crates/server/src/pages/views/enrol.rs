use askama::Template;

use super::{Shell, filters, strings};

/// Enrolment of a face: first what is kept, then the camera.
#[derive(Template)]
#[template(path = "enrol.html")]
pub struct Enrol {
    pub shell: Shell,
    /// Which consent text is shown.
    pub text_version: &'static str,
    /// A face is enrolled already and will be replaced.
    pub renew: bool,
    pub cancel_url: String,
    pub enrolled_next: &'static str,
}

impl Enrol {
    /// `back` is the payment that waits for this enrolment, if one does.
    pub fn new(csrf: String, text_version: &'static str, renew: bool, back: Option<String>) -> Self {
        let next = if back.is_some() { "enrolled.to_payment" } else { "enrolled.to_wallet" };
        Self {
            shell: Shell::new(strings::text("enrol.title"), "enrol", Some(csrf)),
            text_version,
            renew,
            cancel_url: back.unwrap_or_else(|| "/wallet".to_owned()),
            enrolled_next: strings::text(next),
        }
    }
}
