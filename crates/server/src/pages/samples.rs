//! Every page with made-up content: what the tests of the templates look at.

use askama::Template;
use service::consent::ConsentText;
use service::faces::{ClaimsView, ComparedView, PictureView, SamePersonView};

use super::views::*;
use super::{show as text, strings};

/// When things happened here.
const AT: &str = "2026-11-21T20:15:00Z";

fn eur() -> String {
    text::amount(2_000, "EUR")
}

fn promised() -> String {
    text::date("2026-11-27")
}

fn html(page: &impl Template) -> String {
    page.render().unwrap_or_else(|e| e.to_string())
}

fn due() -> Due {
    Due {
        amount: eur(),
        to_payee: strings::fill("due.to", &[("payee", "Hannover Philatelie")]),
        item: strings::text("shop.order").into(),
        ship_to: strings::text("shop.ship_to").into(),
        promised: promised(),
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
    page.balances = vec![text::amount(if full { 8_000 } else { 10_000 }, "EUR")];
    page.limits = vec![
        Limit { name: strings::text("limit.face_first_day").into(), value: text::amount(5_000, "EUR") },
        Limit { name: strings::text("limit.tries").into(), value: "3".into() },
    ];
    if full {
        page.payments = vec![
            PaymentLine {
                description: strings::text("shop.order").into(),
                payee: "Hannover Philatelie".into(),
                date: text::moment(AT),
                amount: eur(),
                refunded: None,
                receipt_url: Some("/receipt/rcpt_1".into()),
            },
            PaymentLine {
                description: strings::text("shop.order").into(),
                payee: "Hannover Philatelie".into(),
                date: text::moment(AT),
                amount: eur(),
                refunded: Some(strings::fill("wallet.refunded", &[("amount", &eur())])),
                receipt_url: Some("/receipt/rcpt_2".into()),
            },
        ];
        page.notices = vec![Notice { text: strings::text("notice.face_enrolled").into(), date: text::day(AT) }];
        page.no_face = false;
        page.methods = vec![MethodCard {
            way: Way::Face,
            method: "face",
            renew_url: "/enrol?renew=1",
            id: "tpl_1".into(),
            name: text::method("face"),
            since: text::day(AT),
            last_used: text::moment(AT),
            views: "5".into(),
            small_until: Some(text::moment(AT)),
            kept_until: Some(text::day(AT)),
            paused: false,
            key_phrase: false,
        }];
        page.passkeys = vec![PasskeyLine {
            id: "AQID".into(),
            name: "My phone".into(),
            used: strings::fill("passkey.used", &[("date", &text::day(AT))]),
            rename: strings::fill("passkey.rename_one", &[("name", "My phone")]),
            revoke: strings::fill("passkey.revoke_one", &[("name", "My phone")]),
        }];
        page.otp = true;
        if let Ok(text) =
            ConsentText::current(base::Purpose::Kiosk, base::Method::Face, crate::language::current().tag())
        {
            let text = Agreement {
                purpose: "kiosk",
                method: "face",
                version: text.version,
                locale: text.locale,
                sentence: text.sentence(),
                lines: text.lines(),
            };
            page.kiosk = Some(KioskCard { on: true, consent: Some("cons_2".into()), face: true, text });
        }
        page.abilities = ["smiles", "turns", "colours"]
            .map(|id| Ability { id, name: strings::text(&format!("ability.{id}")).into(), on: id != "colours" })
            .into();
        page.erased = vec![(
            strings::fill("wallet.erased_one", &[("method", &text::method("face")), ("date", &text::day(AT))]),
            "/v1/me/erasures/tpl_2".into(),
        )];
        page.consents = vec![ConsentLine {
            id: "cons_1".into(),
            name: strings::fill("consent.payment", &[("method", &text::method("face"))]),
            withdraw: strings::text("consent.withdraw").into(),
            open: true,
            version: strings::fill("wallet.consent", &[("version", "2026-11")]),
            given: strings::fill("wallet.given", &[("date", &text::day(AT))]),
            withdrawn: None,
        }];
    }
    html(&page)
}

fn enrol(way: Way, renew: bool, back: Option<String>) -> String {
    let method = match way {
        Way::Face => base::Method::Face,
        Way::Voice => base::Method::Voice,
        Way::Object => base::Method::Kungfu,
    };
    let text = ConsentText::current(base::Purpose::Payment, method, crate::language::current().tag());
    text.map_or_else(|e| e.to_string(), |text| html(&Enrol::new("token".into(), text, way, renew, back)))
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
        shell: Shell::new(strings::text("receipt.title"), "paper", Some("token".into())),
        id: "rcpt_0192f3a47c1b7e6d8a5f4c3b2a190807".into(),
        status: strings::text(if refunded { "receipt.refunded_all" } else { "receipt.paid" }),
        amount: eur(),
        to_payee: strings::fill("due.to", &[("payee", "Hannover Philatelie")]),
        refunded: refunded.then(|| strings::fill("receipt.back", &[("amount", &eur())])),
        description: strings::text("shop.order").into(),
        payer: "Ada Lindqvist".into(),
        paid_at: text::moment(AT),
        paid_at_iso: "2026-11-21T20:15:00Z".into(),
        methods: text::method("face"),
        ship_to: strings::text("shop.ship_to").into(),
        promised: promised(),
        promised_iso: "2026-11-27".into(),
        delivery: strings::text("order.status.promised"),
        late: false,
        order_url: "/order/ord_1".into(),
        shop_url: Some("https://shop.example/orders/1?a=1&b=2".into()),
        test_mode: true,
    })
}

fn order(late: bool) -> String {
    let (status, promise) =
        if late { ("order.status.late", "order.late_what") } else { ("order.status.pending", "order.promise") };
    html(&Order {
        shell: Shell::new(strings::text("order.title"), "paper", Some("token".into())),
        id: "ord_0192f3a47c1b7e6d8a5f4c3b2a190807".into(),
        status: strings::text(status),
        item: strings::text("shop.order").into(),
        promise: strings::fill(promise, &[("date", &promised()), ("to", strings::text("shop.ship_to"))]),
        late,
        tracking: late.then(|| "RR 1948 0821 4 DE".into()),
        trail: vec![
            TrailStep { name: strings::text("order.placed"), detail: text::moment(AT), done: true },
            TrailStep {
                name: strings::text("order.packed"),
                detail: match late {
                    true => strings::fill("order.sent_on", &[("date", &text::moment(AT))]),
                    false => strings::text("order.packed_what").into(),
                },
                done: late,
            },
            TrailStep {
                name: strings::text("order.delivered"),
                detail: strings::fill("order.delivered_by", &[("date", &promised())]),
                done: false,
            },
        ],
        ship_to: strings::text("shop.ship_to").into(),
        promised: promised(),
        promised_iso: "2026-11-27".into(),
        payee: "Hannover Philatelie".into(),
        amount: eur(),
        receipt_url: Some("/receipt/rcpt_1".into()),
    })
}

/// Name and HTML of every page and every state it can open in.
pub fn all() -> Vec<(&'static str, String)> {
    let date = &promised();
    vec![
        ("shop", html(&Shop::new(None, eur(), date, strings::text("shop.ship_to").into()))),
        ("sign-in", html(&SignIn::new())),
        ("sign-up", html(&SignUp::new(8))),
        ("checkout-sign-in", checkout(CheckoutState::SignIn)),
        ("checkout-no-face", checkout(CheckoutState::NoFace)),
        ("checkout", checkout(CheckoutState::Review)),
        ("checkout-speak", checkout(CheckoutState::Speak)),
        ("checkout-show", checkout(CheckoutState::Show)),
        ("checkout-expired", checkout(CheckoutState::Expired)),
        ("checkout-done", checkout(CheckoutState::Done)),
        ("enrol", enrol(Way::Face, false, None)),
        ("enrol-renew", enrol(Way::Face, true, Some("/checkout/pi_1".into()))),
        ("enrol-voice", enrol(Way::Voice, false, None)),
        ("enrol-object", enrol(Way::Object, false, None)),
        ("wallet", wallet(true)),
        ("wallet-empty", wallet(false)),
        ("receipt", receipt(false)),
        ("receipt-refunded", receipt(true)),
        ("order", order(false)),
        ("order-late", order(true)),
        ("privacy", html(&Privacy::new(None, "china", &text::method("face")))),
        ("faces", html(&Faces::new(None))),
        ("faces-same", html(&Faces::new(None).with_answer(&compared(true)))),
        ("faces-no-face", html(&Faces::new(None).with_answer(&compared(false)))),
        (
            "faces-wrong",
            html(
                &Faces::new(None)
                    .with_wrong(strings::fill("api.invalid_request", &[("field", strings::text("api.field.picture"))])),
            ),
        ),
        ("kiosk", html(&Kiosk::new("EUR", true))),
        ("not-found", html(&Problem::not_found())),
        ("expired", html(&Problem::expired())),
    ]
}
