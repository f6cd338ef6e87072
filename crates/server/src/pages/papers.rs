//! Receipt, order, privacy.

use axum::extract::{OriginalUri, State};
use base::Method;
use serde::Deserialize;
use service::view::{OrderView, ReceiptView};

use super::reply::{Page, Refusal, show};
use super::shop::csrf;
use super::{show as text, strings, views};
use crate::auth::{Payer, viewer};
use crate::extract::{Path, Query};
use crate::state::AppState;

/// A shop's link carries the payment's client secret; a payer's own link needs none.
#[derive(Deserialize)]
pub struct Secret {
    client_secret: Option<String>,
}

/// Who looks, and the payer's token for scripts.
fn who(here: &OriginalUri, payer: Option<Payer>, secret: Secret) -> Result<(service::Viewer, Option<String>), Refusal> {
    if payer.is_none() && secret.client_secret.is_none() {
        return Err(Refusal::SignIn(here.to_string()));
    }
    let seen_by = match (&payer, secret.client_secret) {
        (Some(Payer(p)), None) => service::Viewer::Payer(p.account),
        (_, secret) => viewer(None, None, secret)?,
    };
    Ok((seen_by, csrf(payer)))
}

pub async fn receipt(
    State(state): State<AppState>,
    here: OriginalUri,
    payer: Option<Payer>,
    Path(id): Path<String>,
    Query(secret): Query<Secret>,
) -> Page {
    let (seen_by, token) = who(&here, payer, secret)?;
    let paper = state.app.receipt(&id, &seen_by).await?;
    let shop_url = state.app.intent(&paper.payment_intent, &seen_by).await?.success_url;
    let view = receipt_view(paper, token, here.query(), state.app.mode() == service::Mode::Test);
    show(&views::Receipt { shop_url, ..view })
}

fn receipt_view(paper: ReceiptView, token: Option<String>, query: Option<&str>, test_mode: bool) -> views::Receipt {
    // What was taken, once something was; until then what is held.
    let shown = if paper.amount_captured > 0 { paper.amount_captured } else { paper.amount };
    let amount = text::amount(shown, &paper.currency);
    let back = text::amount(paper.refunded, &paper.currency);
    let methods: Vec<String> = paper.methods.iter().map(|m| text::method(m)).collect();
    views::Receipt {
        shell: views::Shell::new(strings::text("receipt.title"), "paper", token),
        status: strings::text(match (paper.status.as_str(), paper.refunded) {
            ("authorised", _) => "receipt.held",
            ("released", _) => "receipt.released",
            (_, 0) => "receipt.paid",
            (_, part) if part < paper.amount_captured => "receipt.refunded_part",
            _ => "receipt.refunded_all",
        }),
        refunded: (paper.refunded > 0).then(|| strings::fill("receipt.back", &[("amount", &back)])),
        amount,
        to_payee: strings::fill("due.to", &[("payee", &paper.payee)]),
        description: paper.description,
        payer: paper.payer,
        paid_at: text::moment(&paper.paid_at),
        paid_at_iso: paper.paid_at,
        methods: methods.join(" + "),
        delivery: delivery(&paper.delivery),
        ship_to: paper.delivery.to,
        promised: text::date(&paper.delivery.promised),
        late: paper.delivery.status == "late",
        promised_iso: paper.delivery.promised,
        order_url: with_query(format!("/order/{}", paper.order_id), query),
        shop_url: None,
        id: paper.id,
        test_mode,
    }
}

pub async fn order(
    State(state): State<AppState>,
    here: OriginalUri,
    payer: Option<Payer>,
    Path(id): Path<String>,
    Query(secret): Query<Secret>,
) -> Page {
    let (seen_by, token) = who(&here, payer, secret)?;
    let paper = state.app.order(&id, &seen_by).await?;
    show(&order_view(paper, token, here.query()))
}

fn order_view(paper: OrderView, token: Option<String>, query: Option<&str>) -> views::Order {
    let promised = text::date(&paper.delivery.promised);
    let dated = |key| strings::fill(key, &[("date", &promised), ("to", &paper.delivery.to)]);
    let there = paper.delivery.delivered_at.is_some();
    let sent = there || paper.delivery.shipped_at.is_some();
    let late = paper.delivery.status == "late";
    let on = |key: &str, at: &Option<String>| at.as_ref().map(|at| strings::fill(key, &[("date", &text::moment(at))]));
    let step = |name, detail, done| views::TrailStep { name: strings::text(name), detail, done };
    views::Order {
        shell: views::Shell::new(strings::text("order.title"), "paper", token),
        status: status(&paper),
        promise: dated(if late { "order.late_what" } else { "order.promise" }),
        late,
        tracking: paper.delivery.tracking.clone(),
        trail: vec![
            step("order.placed", text::moment(&paper.created_at), true),
            step(
                "order.packed",
                on("order.sent_on", &paper.delivery.shipped_at)
                    .unwrap_or_else(|| strings::text("order.packed_what").to_owned()),
                sent,
            ),
            step(
                "order.delivered",
                on("order.delivered_on", &paper.delivery.delivered_at).unwrap_or_else(|| dated("order.delivered_by")),
                there,
            ),
        ],
        amount: text::amount(paper.amount, &paper.currency),
        receipt_url: paper.receipt.map(|id| with_query(format!("/receipt/{id}"), query)),
        item: paper.item,
        ship_to: paper.delivery.to,
        promised,
        promised_iso: paper.delivery.promised,
        payee: paper.payee,
        id: paper.id,
    }
}

/// Where the goods are, in a word or two.
fn delivery(of: &service::view::DeliveryView) -> &'static str {
    strings::text(match of.status.as_str() {
        "shipped" => "order.status.shipped",
        "delivered" => "order.status.delivered",
        "late" => "order.status.late",
        "refunded" => "order.status.refunded",
        _ => "order.status.promised",
    })
}

fn status(paper: &OrderView) -> &'static str {
    strings::text(match (paper.status.as_str(), paper.delivery.status.as_str()) {
        ("refunded", _) => "order.status.refunded",
        (_, "shipped") => "order.status.shipped",
        (_, "delivered") => "order.status.delivered",
        (_, "late") => "order.status.late",
        _ => "order.status.pending",
    })
}

/// A visitor with the shop's link stays one on the next page.
fn with_query(path: String, query: Option<&str>) -> String {
    query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"))
}

pub async fn privacy(State(state): State<AppState>, payer: Option<Payer>) -> Page {
    let region = state.app.region();
    let open = region.methods.iter().filter(|m| **m != Method::Voice || state.app.has_voice());
    let ways = open.map(|m| text::method(m.as_str())).collect::<Vec<_>>().join(" · ");
    show(&views::Privacy::new(csrf(payer), &region.name, &ways))
}
