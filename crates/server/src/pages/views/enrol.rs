use askama::Template;
use service::consent::ConsentText;

use super::{Language, Shell, Way, filters, strings};

/// Enrolment of a face, a voice, a tattoo or a pet: first what is kept, then the camera or the microphone.
#[derive(Template)]
#[template(path = "enrol.html")]
pub struct Enrol {
    pub shell: Shell,
    /// What is agreed to, word by word.
    pub text: &'static ConsentText,
    pub way: Way,
    pub heading: &'static str,
    pub cancel_url: String,
    pub enrolled_next: &'static str,
}

impl Enrol {
    /// `renew`: one is enrolled already and will be replaced; `back` is the payment that waits for this enrolment, if one
    /// does.
    pub fn new(csrf: String, text: &'static ConsentText, way: Way, renew: bool, back: Option<String>) -> Self {
        let heading = way.say("enrol", if renew { "renew_title" } else { "title" });
        let next = if back.is_some() { "enrolled.to_payment" } else { "enrolled.to_wallet" };
        Self {
            shell: Shell::new(heading, "enrol", Some(csrf)),
            text,
            way,
            heading,
            cancel_url: back.unwrap_or_else(|| "/wallet".to_owned()),
            enrolled_next: strings::text(next),
        }
    }
}
