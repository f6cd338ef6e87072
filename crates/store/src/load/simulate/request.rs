//! Requests as clients send them: the same key or payment may be sent many times, each time with new ids, as careless
//! clients do, so that a second effect could not hide behind an id.

use base::{
    AccountId, AuthenticationId, DisputeId, EventId, IntentId, Method, MovementId, OrderId, ReceiptId, RefundId, Span,
    Timestamp, TransferId,
};
use ledger::{CaptureMethod, DisputeEvent, Terms};

use super::random::Random;
use crate::load::rig;
use crate::{
    Authorisation, Idempotency, NewDispute, NewIntent, NewMovement, NewOrder, NewRefund, Replied, Route, SavedReply,
    Settles, Store, StoreError,
};

/// What a client wants. `key` numbers idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Open {
        intent: IntentId,
        key: u64,
        minor: i64,
        manual: bool,
    },
    /// Decided at that time; may arrive much later.
    Pay {
        intent: IntentId,
        payer: u64,
        minor: i64,
        decided_at: Timestamp,
    },
    Capture {
        intent: IntentId,
        key: u64,
        part: Option<i64>,
    },
    Cancel {
        intent: IntentId,
    },
    Refund {
        intent: IntentId,
        key: u64,
        part: Option<i64>,
    },
    Dispute {
        intent: IntentId,
        payer: u64,
        key: u64,
    },
    Answer {
        dispute: DisputeId,
        event: Answer,
    },
    Move {
        from: u64,
        to: u64,
        key: u64,
        minor: i64,
        kind: Kind,
    },
    /// Expired holds, answers of the bank, overdue disputes: one of them.
    Upkeep {
        which: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Evidence,
    Accept,
    Win,
    Lose,
    Withdraw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TopUp,
    Withdrawal,
    Transfer,
    Payout,
}

/// What came back: for work under a key its saved reply.
pub(super) type Reply = Result<Option<Replied>, StoreError>;

/// Sends a request; exactly one job of the writer.
pub(super) async fn send(store: &Store, want: Want, ids: [uuid::Uuid; 5], now: Timestamp) -> Reply {
    let [a, b, c, d, e] = ids;
    let (event, transfer) = (EventId::from_uuid(a), TransferId::from_uuid(b));
    match want {
        Want::Open { intent, key, minor, manual } => {
            let new = new_intent(intent, OrderId::from_uuid(c), event, minor, manual, now)?;
            let render = |i: &crate::Intent| reply(i.id);
            store.create_intent_once(new, once("open", key), render, now).await.map(Some)
        }
        Want::Pay { intent, payer, minor, decided_at } => {
            let allow = Authorisation {
                authentication: AuthenticationId::from_uuid(c),
                challenge: None,
                intent,
                account: rig::payer(payer),
                method: Method::Passphrase,
                proven: vec![Method::Passphrase],
                terms: Terms { amount: rig::amount(minor)?, payee: rig::merchant() },
                reasons: Vec::new(),
                decided_at,
                device: None,
                template: None,
                transfer,
                receipt: ReceiptId::from_uuid(d),
                event,
            };
            store.authorise_and_post(allow, now).await.map(|_| None)
        }
        Want::Capture { intent, key, part } => {
            let part = part.map(rig::amount).transpose()?;
            let render = |i: &crate::Intent| reply(i.captured);
            store.capture_once(rig::merchant(), intent, part, once("capture", key), render, now).await.map(Some)
        }
        Want::Cancel { intent } => store.cancel_intent(rig::merchant(), intent, event, now).await.map(|_| None),
        Want::Refund { intent, key, part } => {
            let amount = part.map(rig::amount).transpose()?;
            let id = RefundId::from_uuid(e);
            let new = NewRefund { id, merchant: rig::merchant(), intent, amount, transfer, event };
            store.refund_once(new, once("refund", key), |r| reply(r.id), now).await.map(Some)
        }
        Want::Dispute { intent, payer, key } => {
            let (id, payer) = (DisputeId::from_uuid(e), rig::payer(payer));
            let new = NewDispute { id, intent, payer, amount: None, reason: "other".to_owned(), transfer };
            store.dispute_once(new, once("dispute", key), |d| reply(d.id), now).await.map(Some)
        }
        Want::Answer { dispute, event } => {
            let event = match event {
                Answer::Evidence => DisputeEvent::EvidenceSent,
                Answer::Accept => DisputeEvent::Accepted,
                Answer::Win => DisputeEvent::DecidedForMerchant,
                Answer::Lose => DisputeEvent::DecidedForPayer,
                Answer::Withdraw => DisputeEvent::Withdrawn,
            };
            store.dispute_event(dispute, event, None, now).await.map(|_| None)
        }
        Want::Move { from, to, key, minor, kind } => {
            let new = new_movement(
                MovementId::from_uuid(e),
                transfer,
                rig::payer(from),
                rig::payer(to),
                minor,
                kind,
                key,
                now,
            )?;
            store.move_once(new, once("move", key), |m| reply(m.id), now).await.map(Some)
        }
        Want::Upkeep { which: 0 } => store.expire_holds(50, now).await.map(|_| None),
        Want::Upkeep { which: 1 } => store.settle_movements(50, now).await.map(|_| None),
        Want::Upkeep { .. } => store.close_overdue_disputes(50, now).await.map(|_| None),
    }
}

impl Want {
    /// Its idempotency key, if it has one.
    pub(super) const fn key(self) -> Option<(&'static str, u64)> {
        match self {
            Self::Open { key, .. } => Some(("open", key)),
            Self::Capture { key, .. } => Some(("capture", key)),
            Self::Refund { key, .. } => Some(("refund", key)),
            Self::Dispute { key, .. } => Some(("dispute", key)),
            Self::Move { key, .. } => Some(("move", key)),
            Self::Pay { .. } | Self::Cancel { .. } | Self::Answer { .. } | Self::Upkeep { .. } => None,
        }
    }
}

pub(super) fn ids(random: &mut Random) -> [uuid::Uuid; 5] {
    std::array::from_fn(|_| random.uuid())
}

fn once(what: &str, key: u64) -> Idempotency {
    let mut body_hash = [0; 32];
    body_hash.iter_mut().zip(key.to_be_bytes()).for_each(|(to, from)| *to = from);
    Idempotency { scope: what.to_owned(), key: format!("key-{key}"), body_hash }
}

fn reply(what: impl std::fmt::Display) -> SavedReply {
    SavedReply { status: 200, body: what.to_string() }
}

fn new_intent(
    id: IntentId,
    order: OrderId,
    event: EventId,
    minor: i64,
    manual: bool,
    now: Timestamp,
) -> Result<NewIntent, StoreError> {
    Ok(NewIntent {
        id,
        merchant: rig::merchant(),
        amount: rig::amount(minor)?,
        description: "stamp".to_owned(),
        secret_hash: [0; 32],
        success_url: None,
        capture_method: if manual { CaptureMethod::Manual } else { CaptureMethod::Automatic },
        expires_at: now.plus(Span::hours(1)),
        order: NewOrder { id: order, item: "stamp".to_owned(), ship_to: "Hanover".to_owned(), delivery_days: 6 },
        event,
    })
}

#[allow(clippy::too_many_arguments, reason = "it only fills a struct")]
fn new_movement(
    id: MovementId,
    transfer: TransferId,
    from: AccountId,
    to: AccountId,
    minor: i64,
    kind: Kind,
    key: u64,
    now: Timestamp,
) -> Result<NewMovement, StoreError> {
    let route = match kind {
        Kind::TopUp => Route::TopUp(from),
        Kind::Withdrawal => Route::Withdrawal(from),
        Kind::Transfer => Route::Transfer { from, to },
        Kind::Payout => Route::Payout(rig::merchant()),
    };
    let soon = now.plus(Span::minutes(10));
    let settles = match (kind, key % 3) {
        (Kind::Transfer, _) | (_, 0) => Settles::Now,
        (_, 1) => Settles::At(soon),
        _ => Settles::FailsAt(soon),
    };
    Ok(NewMovement {
        id,
        route,
        amount: crate::HowMuch::Exactly(rig::amount(minor)?),
        rail: "test".to_owned(),
        note: String::new(),
        settles,
        transfer,
    })
}
