//! The process that is killed: payers buy, some holds are posted in parts or voided, some payments refunded. It says
//! what was acknowledged, one line each, only after the store has answered.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use base::{AuthenticationId, EventId, IntentId, Method, OrderId, ReceiptId, RefundId, Span, TransferId};
use ledger::{IntentError, NewTransfer, Terms};

use super::rig::{self, named};
use crate::{Authorisation, LedgerSide, NewIntent, NewOrder, NewRefund, Store, StoreError, StoreOptions};

/// What the worker does.
#[derive(Clone, Debug)]
pub struct WorkerPlan {
    /// Where the database is, as [`crate::Location`] reads it.
    pub address: String,
    /// Payers at once.
    pub payers: u64,
    /// Number of this run on the same database; names its ids.
    pub round: u64,
    /// The last acknowledged payment of each payer in the round before: the next one is tried again first, as a
    /// client does that got no answer.
    pub resume: Vec<u64>,
}

type Out<W> = Arc<Mutex<W>>;

/// Works until it is killed.
///
/// # Errors
/// Anything but the expected refusals; the driver counts that as a failed round.
pub async fn crash_worker<W: Write + Send + 'static>(plan: WorkerPlan, out: W) -> Result<(), StoreError> {
    let location = plan.address.parse().map_err(StoreError::Internal)?;
    let store = Store::open_in(&location, rig::keys(), StoreOptions::default())?;
    rig::set_up(&store, plan.payers).await?;
    let out = Arc::new(Mutex::new(out));
    say(&out, "ready")?;
    let tasks: Vec<_> = (0..plan.payers)
        .map(|payer| tokio::spawn(buy_on(store.clone(), plan.clone(), payer, Arc::clone(&out))))
        .collect();
    for task in tasks {
        match task.await.map_err(|e| StoreError::Internal(e.to_string()))? {
            // The database server was killed: this client waits, and its purchase is asked for again in the next round.
            Err(StoreError::Unreachable(_)) => std::future::pending().await,
            ended => ended?,
        }
    }
    Ok(())
}

async fn buy_on<W: Write>(store: Store, plan: WorkerPlan, payer: u64, out: Out<W>) -> Result<(), StoreError> {
    if let (Some(last), Some(before)) = (resume_at(&plan, payer), plan.round.checked_sub(1)) {
        buy(&store, [before, payer, last], plan.round, &out).await?;
    }
    for number in 1.. {
        buy(&store, [plan.round, payer, number], plan.round, &out).await?;
        match number % 4 {
            1 => refund(&store, [plan.round, payer, number], &out).await?,
            2 => hold(&store, [plan.round, payer, number], &out).await?,
            _ => {}
        }
    }
    Ok(())
}

fn resume_at(plan: &WorkerPlan, payer: u64) -> Option<u64> {
    let at = usize::try_from(payer).ok()?;
    plan.resume.get(at).map(|last| last.saturating_add(1))
}

/// Buys, or tries a purchase again; the same purchase has the same intent in every try, and a new decision.
async fn buy<W: Write>(store: &Store, name: [u64; 3], round: u64, out: &Out<W>) -> Result<(), StoreError> {
    let [_, payer, number] = name;
    let amount = rig::amount(i64::try_from(100 + number % 900).unwrap_or(100))?;
    let intent = IntentId::from_uuid(named("intent", name));
    match store.create_intent(new_intent(intent, name, amount), rig::now()).await {
        Ok(_) | Err(StoreError::Exists(_)) => {}
        Err(error) => return Err(error),
    }
    let attempt = |what: &str| named(&format!("{what} in {round}"), name);
    let allow = Authorisation {
        authentication: AuthenticationId::from_uuid(attempt("authentication")),
        challenge: None,
        intent,
        account: rig::payer(payer),
        method: Method::Passphrase,
        proven: vec![Method::Passphrase],
        terms: Terms { amount, payee: rig::merchant() },
        reasons: Vec::new(),
        decided_at: rig::now(),
        device: None,
        template: None,
        transfer: TransferId::from_uuid(attempt("transfer")),
        receipt: ReceiptId::from_uuid(attempt("receipt")),
        event: EventId::from_uuid(attempt("event")),
    };
    match store.authorise_and_post(allow, rig::now()).await {
        Ok(_) | Err(StoreError::Intent(IntentError::AlreadySucceeded)) => {
            say(out, &format!("paid {} {} {intent}", payer, if name[0] == round { number } else { 0 }))
        }
        Err(error) => Err(error),
    }
}

fn new_intent(id: IntentId, name: [u64; 3], amount: money::Amount) -> NewIntent {
    NewIntent {
        id,
        merchant: rig::merchant(),
        amount,
        description: "stamp".to_owned(),
        secret_hash: [0; 32],
        success_url: None,
        capture_method: ledger::CaptureMethod::Automatic,
        expires_at: rig::now().plus(Span::days(1)),
        order: NewOrder {
            id: OrderId::from_uuid(named("order", name)),
            item: "stamp".to_owned(),
            ship_to: "Hanover".to_owned(),
            delivery_days: 6,
        },
        event: EventId::from_uuid(named("created", name)),
    }
}

async fn refund<W: Write>(store: &Store, name: [u64; 3], out: &Out<W>) -> Result<(), StoreError> {
    let id = RefundId::from_uuid(named("refund", name));
    let new = NewRefund {
        id,
        merchant: rig::merchant(),
        intent: IntentId::from_uuid(named("intent", name)),
        amount: Some(rig::amount(50)?),
        transfer: TransferId::from_uuid(named("refund transfer", name)),
        event: EventId::from_uuid(named("refund event", name)),
    };
    store.refund(new, rig::now()).await?;
    say(out, &format!("moved {}", new.transfer))
}

async fn hold<W: Write>(store: &Store, name: [u64; 3], out: &Out<W>) -> Result<(), StoreError> {
    let id = TransferId::from_uuid(named("hold", name));
    let (from, to) = (LedgerSide::Wallet(rig::payer(name[1])), LedgerSide::Merchant(rig::merchant()));
    let new = NewTransfer { id, amount: rig::amount(300)?, lasts: Span::days(7) };
    store.hold(new, from, to, rig::now()).await?;
    say(out, &format!("held {id}"))?;
    if name[2] % 8 == 2 {
        store.void(id, rig::now()).await?;
        say(out, &format!("voided {id}"))
    } else {
        store.post(id, Some(rig::amount(200)?), rig::now()).await?;
        say(out, &format!("moved {id}"))
    }
}

/// One whole line in one write: a line cut off by the kill has no end and does not count.
fn say<W: Write>(out: &Out<W>, line: &str) -> Result<(), StoreError> {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    let whole = format!("{line}\n");
    out.write_all(whole.as_bytes()).and_then(|()| out.flush()).map_err(|e| StoreError::Internal(e.to_string()))
}
