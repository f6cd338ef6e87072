use askama::Template;

use super::{Language, Shell, filters, strings};

/// What is paid, to whom, and what for: in sight from the first to the last step.
pub struct Due {
    pub amount: String,
    pub to_payee: String,
    pub item: String,
    pub ship_to: String,
    pub promised: String,
    pub test_mode: bool,
}

/// Where the payment stands when the page is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckoutState {
    SignIn,
    NoFace,
    /// No face, but a voice.
    Speak,
    /// Neither, but a tattoo or a pet.
    Show,
    Review,
    Expired,
    Done,
}

impl CheckoutState {
    /// The name of the section that is shown first.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::NoFace => "no-face",
            Self::Speak => "speak",
            Self::Show => "show",
            Self::Review => "review",
            Self::Expired => "expired",
            Self::Done => "done",
        }
    }
}

#[derive(Template)]
#[template(path = "checkout.html")]
pub struct Checkout {
    pub shell: Shell,
    pub intent: String,
    pub due: Due,
    pub state: &'static str,
    /// A voice is enrolled.
    pub voice: bool,
    /// A tattoo or a pet is enrolled.
    pub object: bool,
    /// It may say words instead of digits.
    pub phrases: bool,
    pub pay: String,
    pub receipt_url: Option<String>,
    /// The payer has a passkey.
    pub passkey: bool,
    /// The payer has an authenticator app.
    pub otp: bool,
}

impl Checkout {
    pub fn new(
        csrf: Option<String>,
        intent: String,
        payee: &str,
        due: Due,
        state: CheckoutState,
        voice: bool,
        receipt_url: Option<String>,
    ) -> Self {
        let values = [("amount", due.amount.as_str()), ("payee", payee)];
        let shell = Shell::new(&strings::fill("checkout.title", &values), "checkout", csrf);
        let pay = strings::fill("checkout.pay", &values);
        let object = state == CheckoutState::Show;
        let state = state.as_str();
        let phrases = false;
        Self { shell, intent, pay, due, state, voice, object, phrases, receipt_url, passkey: false, otp: false }
    }
}
