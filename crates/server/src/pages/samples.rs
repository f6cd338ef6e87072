//! Every page with made-up content: what the tests of the templates look at.

use askama::Template;
use service::consent::ConsentText;
use service::faces::{ClaimsView, ComparedView, PictureView, SamePersonView};

use super::strings;
use super::views::*;

fn html(page: &impl Template) -> String {
    page.render().unwrap_or_else(|e| e.to_string())
}

fn due() -> Due {
    Due {
        amount: "20.00 €".into(),
        to_payee: "to Hannover Philatelie".into(),
        item: "Hanover export fair stamp, 1948".into(),
        ship_to: "Office of the Mayor of Hanover".into(),
        promised: "Friday, 27 November 2026".into(),
        test_mode: true,
    }
}

fn checkout(state: CheckoutState) -> String {
    let csrf = (state != CheckoutState::SignIn).then(|| "token".to_owned());
    let receipt = (state == CheckoutState::Done).then(|| "/receipt/rcpt_1".to_owned());
    html(&Checkout::new(
        csrf,
        "pi_1".into(),
        "Hannover Philatelie",
        due(),
        state,
        state == CheckoutState::Speak,
        receipt,
    ))
}

fn wallet(full: bool) -> String {
    let mut page = Wallet::new("token".into(), "Ada Lindqvist");
    page.test_mode = true;
    page.balances = vec![if full { "80.00 €" } else { "100.00 €" }.into()];
    page.limits = vec![
        Limit { name: strings::text("limit.face_first_day").into(), value: "50.00 €".into() },
        Limit { name: strings::text("limit.tries").into(), value: "3".into() },
    ];
    if full {
        page.payments = vec![
            PaymentLine {
                description: "Hanover export fair stamp, 1948".into(),
                payee: "Hannover Philatelie".into(),
                date: "21 November 2026, 20:15".into(),
                amount: "20.00 €".into(),
                refunded: None,
                receipt_url: Some("/receipt/rcpt_1".into()),
            },
            PaymentLine {
                description: "Hanover export fair stamp, 1948".into(),
                payee: "Hannover Philatelie".into(),
                date: "20 November 2026, 09:02".into(),
                amount: "20.00 €".into(),
                refunded: Some("20.00 € refunded".into()),
                receipt_url: Some("/receipt/rcpt_2".into()),
            },
        ];
        page.notices =
            vec![Notice { text: "A face was added to your wallet.".into(), date: "21 November 2026".into() }];
        page.no_face = false;
        page.methods = vec![MethodCard {
            voice: false,
            renew_url: "/enrol?renew=1",
            id: "tpl_1".into(),
            name: "Face".into(),
            since: "21 November 2026".into(),
            last_used: "21 November 2026, 20:15".into(),
            views: "5".into(),
            small_until: Some("22 November 2026, 19:40".into()),
            paused: false,
        }];
        page.passkeys = vec![PasskeyLine {
            id: "AQID".into(),
            name: "My phone".into(),
            used: "Used 21 November 2026".into(),
            rename: "Rename My phone".into(),
            revoke: "Revoke My phone".into(),
        }];
        page.otp = true;
        page.erased = vec![("Face, erased 20 November 2026".into(), "/v1/me/erasures/tpl_2".into())];
        page.consents = vec![ConsentLine {
            id: "cons_1".into(),
            name: "Face, to pay".into(),
            withdraw: "Withdraw the consent: Face, to pay".into(),
            open: true,
            version: "Text of 2026-11".into(),
            given: "Given 21 November 2026".into(),
            withdrawn: None,
        }];
    }
    html(&page)
}

fn enrol(voice: bool, renew: bool, back: Option<String>) -> String {
    let text =
        ConsentText::current(base::Purpose::Payment, if voice { base::Method::Voice } else { base::Method::Face });
    text.map_or_else(|e| e.to_string(), |text| html(&Enrol::new("token".into(), text, voice, renew, back)))
}

fn compared(found: bool) -> ComparedView {
    let good = || vec![PictureView { good: true, hints: Vec::new() }];
    let bad = vec![PictureView { good: false, hints: vec!["no_face".into()] }];
    let same_person = found.then_some(SamePersonView {
        fmr_1e4: true,
        fmr_1e5: true,
        fmr_1e6: false,
        claimable: ClaimsView { fmr_1e4: false, fmr_1e5: false, fmr_1e6: false },
    });
    ComparedView { same_person, first: good(), second: if found { good() } else { bad } }
}

fn receipt(refunded: bool) -> String {
    html(&Receipt {
        shell: Shell::new("Receipt", "paper", Some("token".into())),
        id: "rcpt_0192f3a47c1b7e6d8a5f4c3b2a190807".into(),
        status: strings::text(if refunded { "receipt.refunded_all" } else { "receipt.paid" }),
        amount: "20.00 €".into(),
        to_payee: "to Hannover Philatelie".into(),
        refunded: refunded.then(|| "20.00 € came back to your wallet.".to_owned()),
        description: "Hanover export fair stamp, 1948".into(),
        payer: "Ada Lindqvist".into(),
        paid_at: "21 November 2026, 20:15 UTC".into(),
        paid_at_iso: "2026-11-21T20:15:00Z".into(),
        methods: "Face".into(),
        ship_to: "Office of the Mayor of Hanover".into(),
        promised: "Friday, 27 November 2026".into(),
        promised_iso: "2026-11-27".into(),
        order_url: "/order/ord_1".into(),
        test_mode: true,
    })
}

fn order() -> String {
    html(&Order {
        shell: Shell::new("Order", "paper", Some("token".into())),
        id: "ord_0192f3a47c1b7e6d8a5f4c3b2a190807".into(),
        status: strings::text("order.status.pending"),
        item: "Hanover export fair stamp, 1948".into(),
        promise: "By Friday, 27 November 2026 at the Office of the Mayor of Hanover.".into(),
        trail: vec![
            TrailStep { name: strings::text("order.placed"), detail: "21 November 2026, 20:15".into(), done: true },
            TrailStep {
                name: strings::text("order.packed"),
                detail: strings::text("order.packed_what").into(),
                done: false,
            },
            TrailStep {
                name: strings::text("order.delivered"),
                detail: "Promised for Friday, 27 November 2026".into(),
                done: false,
            },
        ],
        ship_to: "Office of the Mayor of Hanover".into(),
        promised: "Friday, 27 November 2026".into(),
        promised_iso: "2026-11-27".into(),
        payee: "Hannover Philatelie".into(),
        amount: "20.00 €".into(),
        receipt_url: Some("/receipt/rcpt_1".into()),
    })
}

/// Name and HTML of every page and every state it can open in.
pub fn all() -> Vec<(&'static str, String)> {
    let date = "Friday, 27 November 2026";
    vec![
        ("shop", html(&Shop::new(None, "20.00 €".into(), date, "Office of the Mayor of Hanover".into()))),
        ("sign-in", html(&SignIn::new())),
        ("sign-up", html(&SignUp::new(8))),
        ("checkout-sign-in", checkout(CheckoutState::SignIn)),
        ("checkout-no-face", checkout(CheckoutState::NoFace)),
        ("checkout", checkout(CheckoutState::Review)),
        ("checkout-speak", checkout(CheckoutState::Speak)),
        ("checkout-expired", checkout(CheckoutState::Expired)),
        ("checkout-done", checkout(CheckoutState::Done)),
        ("enrol", enrol(false, false, None)),
        ("enrol-renew", enrol(false, true, Some("/checkout/pi_1".into()))),
        ("enrol-voice", enrol(true, false, None)),
        ("wallet", wallet(true)),
        ("wallet-empty", wallet(false)),
        ("receipt", receipt(false)),
        ("receipt-refunded", receipt(true)),
        ("order", order()),
        ("privacy", html(&Privacy::new(None))),
        ("faces", html(&Faces::new(None))),
        ("faces-same", html(&Faces::new(None).with_answer(&compared(true)))),
        ("faces-no-face", html(&Faces::new(None).with_answer(&compared(false)))),
        ("faces-wrong", html(&Faces::new(None).with_wrong("image: this is not a picture".into()))),
        ("not-found", html(&Problem::not_found())),
        ("expired", html(&Problem::expired())),
    ]
}
