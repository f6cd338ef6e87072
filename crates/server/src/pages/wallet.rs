//! The wallet: balance, payments, ways to pay, limits, consents.

use axum::extract::State;
use base::{Method, Purpose};
use decide::{Risk, RuleTable};
use money::Money;
use service::consent::ConsentText;
use service::ports::{Clock, SystemClock};
use service::view::{AbilitiesView, ConsentView, ErasedView, Me, MethodView, PasskeyView, PaymentView};

use super::reply::{Page, Refusal, show};
use super::{show as text, strings, views};
use crate::auth::Payer;
use crate::language;
use crate::state::AppState;

pub async fn page(State(state): State<AppState>, payer: Option<Payer>) -> Page {
    let Some(Payer(payer)) = payer else { return Err(Refusal::SignIn("/wallet".to_owned())) };
    let me = state.app.me(&payer).await?;
    let asks = state.app.region().asks_for(Purpose::Kiosk) && state.app.region().enables(Method::Face);
    let kiosk = if asks { kiosk(&me) } else { None };
    let mut page = view(me, state.app.rules(), state.app.mode() == service::Mode::Test);
    page.kiosk = kiosk;
    page.phrases = state.app.has_phrases();
    let open = |method| state.app.region().enables(method);
    page.no_face &= open(Method::Face);
    page.no_voice &= state.app.has_voice() && open(Method::Voice);
    page.no_object &= state.app.has_kungfu() && open(Method::Kungfu);
    page.no_passkey = !open(Method::Passkey);
    page.no_otp = !open(Method::Otp);
    show(&page)
}

fn view(me: Me, rules: &RuleTable, test_mode: bool) -> views::Wallet {
    // RFC 3339 in UTC orders as text.
    let now = SystemClock.now().rfc3339();
    let limits = limits(rules, me.balances.first().map_or("EUR", |b| b.currency.as_str()));
    let mut page = views::Wallet::new(me.csrf_token, &me.name);
    page.test_mode = test_mode;
    page.balances = me.balances.iter().map(|b| text::amount(b.available, &b.currency)).collect();
    page.payments = me.payments.iter().map(payment).collect();
    page.notices = me
        .notices
        .into_iter()
        .map(|n| views::Notice { text: strings::text(n.key).to_owned(), date: text::moment(&n.at) })
        .collect();
    let has = |name: &str| me.methods.iter().any(|m| m.method == name);
    (page.no_face, page.no_voice, page.no_object) = (!has("face"), !has("voice"), !has("kungfu"));
    let shown = me.methods.iter().filter(|m| matches!(m.method.as_str(), "face" | "voice" | "kungfu"));
    let may_pay = |m: &str| me.consents.iter().any(|c| c.purpose == "payment" && c.method == m && is_open(c));
    page.methods = shown.map(|m| card(m, &now, may_pay(&m.method))).collect();
    let paused = [Method::Face, Method::Voice, Method::Kungfu];
    let paused = paused.into_iter().filter(|m| has(m.as_str()) && !may_pay(m.as_str()));
    let tag = language::current().tag();
    page.again = paused.filter_map(|m| ConsentText::current(Purpose::Payment, m, tag).ok()).map(agreement).collect();
    page.passkeys = me.passkeys.iter().map(passkey).collect();
    page.otp = me.otp;
    page.abilities = abilities(me.abilities);
    page.consents = me.consents.iter().map(|c| consent(c, None)).collect();
    page.consents.extend(me.wards.iter().map(|w| consent(&w.consent, Some(&w.name))));
    page.erased = me.erased.iter().map(erased).collect();
    page.limits = limits;
    page
}

/// Whether kiosks find this payer, and what switching that on or off takes.
fn kiosk(me: &Me) -> Option<views::KioskCard> {
    let text = ConsentText::current(Purpose::Kiosk, Method::Face, language::current().tag()).ok()?;
    let consent = me.consents.iter().find(|c| c.purpose == Purpose::Kiosk.as_str() && is_open(c)).map(|c| c.id.clone());
    let on = me.phone_since.is_some() && consent.is_some();
    let face = me.methods.iter().any(|m| m.method == Method::Face.as_str());
    Some(views::KioskCard { on, consent, face, text: agreement(text) })
}

/// Each thing that the camera may ask for, with its name on the wire.
fn abilities(a: AbilitiesView) -> Vec<views::Ability> {
    let line = |id, on| views::Ability { id, name: strings::text(&format!("ability.{id}")).to_owned(), on };
    vec![line("smiles", a.smiles), line("turns", a.turns), line("colours", a.colours)]
}

fn payment(p: &PaymentView) -> views::PaymentLine {
    let back = (p.refunded > 0).then(|| text::amount(p.refunded, &p.currency));
    views::PaymentLine {
        description: p.description.clone(),
        payee: p.payee.clone(),
        date: text::moment(&p.paid_at),
        amount: text::amount(p.amount, &p.currency),
        refunded: back.map(|amount| strings::fill("wallet.refunded", &[("amount", &amount)])),
        receipt_url: p.receipt.as_ref().map(|id| format!("/receipt/{id}")),
    }
}

fn card(m: &MethodView, now: &str, may_pay: bool) -> views::MethodCard {
    let way = views::Way::of(&m.method);
    let (method, renew_url) = match way {
        views::Way::Face => ("face", "/enrol?renew=1"),
        views::Way::Voice => ("voice", "/enrol?method=voice"),
        views::Way::Object => ("kungfu", "/enrol?method=kungfu"),
    };
    views::MethodCard {
        id: m.id.clone(),
        way,
        method,
        renew_url,
        name: m
            .kind
            .as_deref()
            .map_or_else(|| text::method(&m.method), |kind| strings::fill(&format!("kind.{kind}"), &[])),
        since: text::day(&m.created_at),
        last_used: m.last_used_at.as_deref().map_or_else(|| strings::text("wallet.never").to_owned(), text::moment),
        views: m.views.to_string(),
        small_until: m.small_amounts_until.as_deref().filter(|until| *until > now).map(text::moment),
        kept_until: m.kept_until.as_deref().map(text::day),
        paused: !may_pay,
        key_phrase: m.key_phrase,
    }
}

fn passkey(p: &PasskeyView) -> views::PasskeyLine {
    let named = |key| strings::fill(key, &[("name", &p.name)]);
    let used = match &p.last_used_at {
        Some(at) => strings::fill("passkey.used", &[("date", &text::moment(at))]),
        None => strings::fill("passkey.added", &[("date", &text::day(&p.created_at))]),
    };
    let (rename, revoke) = (named("passkey.rename_one"), named("passkey.revoke_one"));
    views::PasskeyLine { id: p.id.clone(), name: p.name.clone(), used, rename, revoke }
}

fn is_open(c: &ConsentView) -> bool {
    c.withdrawn_at.is_none() && c.replaced_at.is_none()
}

/// `ward`: who the payer agreed for as a guardian.
fn consent(c: &ConsentView, ward: Option<&str>) -> views::ConsentLine {
    let on = |key, at: &str| strings::fill(key, &[("date", &text::day(at))]);
    let what = strings::fill(&format!("consent.{}", c.purpose), &[("method", &text::method(&c.method))]);
    let name = match ward {
        Some(ward) => format!("{what}. {}", strings::fill("wallet.for", &[("name", ward)])),
        None => what,
    };
    let withdrawn = c.withdrawn_at.as_deref().map(|at| on("wallet.withdrawn", at));
    views::ConsentLine {
        id: c.id.clone(),
        withdraw: strings::fill("consent.withdraw_one", &[("name", &name)]),
        name,
        version: strings::fill("wallet.consent", &[("version", &c.text_version)]),
        given: on("wallet.given", &c.given_at),
        withdrawn: withdrawn.or_else(|| c.replaced_at.as_deref().map(|at| on("wallet.replaced", at))),
        open: is_open(c),
    }
}

fn erased(e: &ErasedView) -> (String, String) {
    let said = [("method", text::method(&e.method)), ("date", text::day(&e.erased_at))];
    let said = said.each_ref().map(|(name, value)| (*name, value.as_str()));
    (strings::fill("wallet.erased_one", &said), format!("/v1/me/erasures/{}", e.id))
}

fn agreement(t: &'static ConsentText) -> views::Agreement {
    views::Agreement {
        purpose: t.purpose.as_str(),
        method: t.method.as_str(),
        version: t.version,
        locale: t.locale,
        sentence: t.sentence(),
        lines: t.lines(),
    }
}

/// What each method may pay alone, as the operator's table says.
fn limits(rules: &RuleTable, currency: &str) -> Vec<views::Limit> {
    let line = |key, value| views::Limit { name: strings::text(key).to_owned(), value };
    let money = |key, m: Money| line(key, text::amount(m.minor(), m.currency().code()));
    let mut lines = Vec::new();
    if let Ok(currency) = currency.parse() {
        let alone = |method, risk| rules.alone(method, currency, risk).flatten();
        lines.extend(alone(Method::Face, Risk::Elevated).map(|c| money("limit.face_first_day", c.each)));
        if let Some(usual) = alone(Method::Face, Risk::Low) {
            lines.extend([money("limit.face", usual.each), money("limit.face_daily", usual.day)]);
        }
        lines.extend(alone(Method::Voice, Risk::Low).map(|c| money("limit.voice", c.each)));
        lines.extend(alone(Method::Kungfu, Risk::Low).map(|c| money("limit.kungfu", c.each)));
        lines.extend(alone(Method::Passphrase, Risk::Low).map(|c| money("limit.passphrase", c.each)));
    }
    lines.push(line("limit.tries", service::limits::TRIES_PER_INTENT.to_string()));
    lines.push(line("limit.two", strings::text("limit.none").to_owned()));
    lines
}
