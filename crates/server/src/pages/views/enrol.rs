use askama::Template;
use service::consent::ConsentText;

use super::{Language, Shell, filters, strings};

/// Enrolment of a face or a voice: first what is kept, then the camera or the microphone.
#[derive(Template)]
#[template(path = "enrol.html")]
pub struct Enrol {
    pub shell: Shell,
    /// What is agreed to, word by word.
    pub text: &'static ConsentText,
    pub voice: bool,
    pub heading: &'static str,
    pub cancel_url: String,
    pub enrolled_next: &'static str,
}

impl Enrol {
    /// `renew`: one is enrolled already and will be replaced; `back` is the payment that waits for this enrolment, if one
    /// does.
    pub fn new(csrf: String, text: &'static ConsentText, voice: bool, renew: bool, back: Option<String>) -> Self {
        let heading = match (voice, renew) {
            (false, false) => strings::text("enrol.title"),
            (false, true) => strings::text("enrol.renew_title"),
            (true, false) => strings::text("enrol_voice.title"),
            (true, true) => strings::text("enrol_voice.renew_title"),
        };
        let next = if back.is_some() { "enrolled.to_payment" } else { "enrolled.to_wallet" };
        Self {
            shell: Shell::new(heading, "enrol", Some(csrf)),
            text,
            voice,
            heading,
            cancel_url: back.unwrap_or_else(|| "/wallet".to_owned()),
            enrolled_next: strings::text(next),
        }
    }
}
