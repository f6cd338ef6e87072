use askama::Template;

use super::{Language, Shell, Way, filters, strings};

pub struct PaymentLine {
    pub description: String,
    pub payee: String,
    pub date: String,
    pub amount: String,
    pub refunded: Option<String>,
    pub receipt_url: Option<String>,
}

/// An enrolled face, voice, tattoo or pet.
pub struct MethodCard {
    pub id: String,
    pub way: Way,
    pub method: &'static str,
    pub renew_url: &'static str,
    pub name: String,
    pub since: String,
    pub last_used: String,
    pub views: String,
    pub small_until: Option<String>,
    /// The day on which it is erased, unless it is used before.
    pub kept_until: Option<String>,
    /// The consent to pay with it is withdrawn.
    pub paused: bool,
    /// The payer's own key phrase is set.
    pub key_phrase: bool,
}

pub struct PasskeyLine {
    pub id: String,
    pub name: String,
    pub used: String,
    /// Labels of its buttons, with its name.
    pub rename: String,
    pub revoke: String,
}

pub struct ConsentLine {
    pub id: String,
    /// Purpose and method, and for whom a guardian gave it.
    pub name: String,
    /// Label of its button.
    pub withdraw: String,
    pub version: String,
    pub given: String,
    pub withdrawn: Option<String>,
    pub open: bool,
}

/// A consent that can be given again.
pub struct Agreement {
    pub purpose: &'static str,
    pub method: &'static str,
    pub version: &'static str,
    /// BCP 47.
    pub locale: &'static str,
    pub sentence: &'static str,
    pub lines: Vec<(&'static str, &'static str)>,
}

pub struct Notice {
    pub text: String,
    pub date: String,
}

pub struct Limit {
    pub name: String,
    pub value: String,
}

/// One thing that the camera may ask for.
pub struct Ability {
    /// Its name in the API.
    pub id: &'static str,
    pub name: String,
    pub on: bool,
}

#[derive(Template)]
#[template(path = "wallet.html")]
pub struct Wallet {
    pub shell: Shell,
    pub hello: String,
    pub test_mode: bool,
    pub balances: Vec<String>,
    pub payments: Vec<PaymentLine>,
    pub notices: Vec<Notice>,
    pub methods: Vec<MethodCard>,
    /// Voices may have a key phrase here.
    pub phrases: bool,
    /// Offer to enrol one.
    pub no_face: bool,
    pub no_voice: bool,
    pub no_object: bool,
    /// This region does without.
    pub no_passkey: bool,
    pub no_otp: bool,
    pub passkeys: Vec<PasskeyLine>,
    pub otp: bool,
    /// What the camera may ask for.
    pub abilities: Vec<Ability>,
    pub limits: Vec<Limit>,
    pub consents: Vec<ConsentLine>,
    /// Erased methods, each with its date and the address of its receipt.
    pub erased: Vec<(String, String)>,
    /// What the dialogues ask for that start paused methods again.
    pub again: Vec<Agreement>,
    /// Paying at shops' kiosks; `None` where there are none.
    pub kiosk: Option<KioskCard>,
}

/// Whether kiosks find this payer.
pub struct KioskCard {
    /// A number and the consent are there.
    pub on: bool,
    /// Id of the open consent.
    pub consent: Option<String>,
    /// A face is there to be found.
    pub face: bool,
    /// What is agreed to.
    pub text: Agreement,
}

impl Wallet {
    /// An empty wallet of `name`; the handler fills in what there is.
    pub fn new(csrf: String, name: &str) -> Self {
        let shell = Shell { wallet: true, ..Shell::new(strings::text("wallet.title"), "wallet", Some(csrf)) };
        Self {
            shell,
            hello: strings::fill("wallet.hello", &[("name", name)]),
            test_mode: false,
            balances: Vec::new(),
            payments: Vec::new(),
            notices: Vec::new(),
            methods: Vec::new(),
            phrases: false,
            no_face: true,
            no_voice: false,
            no_object: false,
            no_passkey: false,
            no_otp: false,
            passkeys: Vec::new(),
            otp: false,
            abilities: Vec::new(),
            limits: Vec::new(),
            consents: Vec::new(),
            erased: Vec::new(),
            again: Vec::new(),
            kiosk: None,
        }
    }
}
