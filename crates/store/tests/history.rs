//! Random histories of holds, partial posts, voids, expiries, payments, refunds, disputes and transfers in several currencies,
//! played on the real store one after the other and on several threads at once, against a model that only adds and subtracts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests may stop the test")]

mod suite;

use std::collections::HashMap;

use base::{AccountId, DisputeId, IntentId, Span, Timestamp, TransferId};
use ledger::{Balance, DisputeEvent, NewTransfer, Terms};
use money::{Amount, Currency};
use proptest::prelude::*;
use store::{
    Authorisation, Dispute, Idempotency, LedgerSide, NewDispute, NewIntent, NewRefund, SavedReply, Store, StoreError,
    StoreOptions,
};
use suite::common::{NOW, World, new_intent, payer, uuid};

const PAYERS: usize = 3;
const CURRENCIES: [Currency; 2] = [Currency::EUR, Currency::JPY];
/// How long a hold lasts.
const LASTS: Span = Span::seconds(50);

/// An account of the model: a wallet, or the merchant's (the last).
type Side = usize;
const SHOP: Side = PAYERS;

#[derive(Clone, Copy, Debug)]
enum Op {
    TopUp {
        to: usize,
        cur: usize,
        minor: i64,
    },
    Hold {
        from: usize,
        to: Side,
        cur: usize,
        minor: i64,
    },
    Post {
        which: usize,
        part: Option<i64>,
    },
    Void {
        which: usize,
    },
    Pay {
        from: usize,
        cur: usize,
        minor: i64,
    },
    Refund {
        which: usize,
        part: Option<i64>,
    },
    Dispute {
        which: usize,
        part: Option<i64>,
    },
    /// The merchant gives in, or the payer takes it back.
    Close {
        which: usize,
        lost: bool,
    },
    Wait {
        seconds: i64,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let minor = 1..400i64;
    let part = prop::option::of(1..450i64);
    let (who, cur, which) = (0..PAYERS, 0..CURRENCIES.len(), 0..8usize);
    prop_oneof![
        1 => (who.clone(), cur.clone(), minor.clone()).prop_map(|(to, cur, minor)| Op::TopUp { to, cur, minor }),
        4 => (who.clone(), 0..=PAYERS, cur.clone(), minor.clone())
            .prop_map(|(from, to, cur, minor)| Op::Hold { from, to, cur, minor }),
        4 => (which.clone(), part.clone()).prop_map(|(which, part)| Op::Post { which, part }),
        1 => which.clone().prop_map(|which| Op::Void { which }),
        4 => (who, cur, minor).prop_map(|(from, cur, minor)| Op::Pay { from, cur, minor }),
        3 => (which.clone(), part.clone()).prop_map(|(which, part)| Op::Refund { which, part }),
        2 => (which.clone(), part).prop_map(|(which, part)| Op::Dispute { which, part }),
        1 => (which, any::<bool>()).prop_map(|(which, lost)| Op::Close { which, lost }),
        1 => (1..40i64).prop_map(|seconds| Op::Wait { seconds }),
    ]
}

#[derive(Clone, Copy)]
struct Hold {
    id: TransferId,
    from: Side,
    to: Side,
    cur: usize,
    minor: i64,
    until: Timestamp,
    open: bool,
}

#[derive(Clone, Copy)]
struct Payment {
    intent: IntentId,
    from: usize,
    cur: usize,
    minor: i64,
    refunded: i64,
    /// Held or gone by a dispute.
    disputed: i64,
    dispute: Option<Contest>,
}

#[derive(Clone, Copy)]
struct Contest {
    id: DisputeId,
    minor: i64,
    held: bool,
    open: bool,
}

/// What is expected, by plain sums.
struct Model {
    now: Timestamp,
    posted: HashMap<(Side, usize), i64>,
    holds: Vec<Hold>,
    payments: Vec<Payment>,
}

impl Model {
    fn posted(&self, side: Side, cur: usize) -> i64 {
        self.posted.get(&(side, cur)).copied().unwrap_or(0)
    }

    fn balance(&self, side: Side, cur: usize) -> Balance {
        let open = |h: &&Hold| h.open && h.cur == cur;
        let contested = self.payments.iter().filter(|p| p.cur == cur).filter_map(|p| Some((p.from, p.dispute?)));
        let contested: Vec<_> = contested.filter(|(_, d)| d.open && d.held).collect();
        let out: i64 = self.holds.iter().filter(open).filter(|h| h.from == side).map(|h| h.minor).sum();
        let into: i64 = self.holds.iter().filter(open).filter(|h| h.to == side).map(|h| h.minor).sum();
        let disputed_out: i64 = contested.iter().filter(|_| side == SHOP).map(|(_, d)| d.minor).sum();
        let disputed_in: i64 = contested.iter().filter(|(from, _)| *from == side).map(|(_, d)| d.minor).sum();
        Balance { posted: self.posted(side, cur), pending_out: out + disputed_out, pending_in: into + disputed_in }
    }

    fn may_leave(&self, side: Side, cur: usize, minor: i64) -> bool {
        self.balance(side, cur).available() >= minor
    }

    fn moves(&mut self, from: Option<Side>, to: Side, cur: usize, minor: i64) {
        if let Some(from) = from {
            *self.posted.entry((from, cur)).or_default() -= minor;
        }
        *self.posted.entry((to, cur)).or_default() += minor;
    }

    /// Whether the store must do it, as things stand.
    fn expects(&self, op: Op) -> bool {
        let hold = |which: usize| self.holds.get(which);
        let payment = |which: usize| self.payments.get(which);
        match op {
            Op::TopUp { .. } | Op::Wait { .. } => true,
            Op::Hold { from, to, cur, minor } => from != to && self.may_leave(from, cur, minor),
            Op::Post { which, part } => {
                hold(which).is_some_and(|h| h.open && self.now < h.until && part.is_none_or(|p| p <= h.minor))
            }
            Op::Void { which } => hold(which).is_some_and(|h| h.open),
            Op::Pay { from, cur, minor } => self.may_leave(from, cur, minor),
            Op::Refund { which, part } => payment(which).is_some_and(|p| {
                let left = p.minor - p.refunded - p.disputed;
                left > 0 && part.is_none_or(|m| m <= left) && self.may_leave(SHOP, p.cur, part.unwrap_or(left))
            }),
            Op::Dispute { which, part } => payment(which).is_some_and(|p| {
                let left = p.minor - p.refunded;
                p.dispute.is_none() && left > 0 && part.is_none_or(|m| m <= left)
            }),
            Op::Close { which, .. } => payment(which).and_then(|p| p.dispute).is_some_and(|d| d.open),
        }
    }

    /// What an operation that was done changes.
    fn done(&mut self, op: Op, made: Made) {
        match (op, made) {
            (Op::TopUp { to, cur, minor }, _) => self.moves(None, to, cur, minor),
            (Op::Hold { from, to, cur, minor }, Made::Hold(id)) => {
                let until = self.now.plus(LASTS);
                self.holds.push(Hold { id, from, to, cur, minor, until, open: true });
            }
            (Op::Post { which, part }, _) => {
                let hold = self.holds[which];
                self.holds[which].open = false;
                self.moves(Some(hold.from), hold.to, hold.cur, part.unwrap_or(hold.minor));
            }
            (Op::Void { which }, _) => self.holds[which].open = false,
            (Op::Pay { from, cur, minor }, Made::Payment(intent)) => {
                self.moves(Some(from), SHOP, cur, minor);
                self.payments.push(Payment { intent, from, cur, minor, refunded: 0, disputed: 0, dispute: None });
            }
            (Op::Refund { which, .. }, Made::Amount(minor)) => {
                let p = self.payments[which];
                self.payments[which].refunded += minor;
                self.moves(Some(SHOP), p.from, p.cur, minor);
            }
            (Op::Dispute { which, .. }, Made::Contest(contest)) => {
                self.payments[which].disputed = contest.minor;
                self.payments[which].dispute = Some(contest);
            }
            (Op::Close { which, lost }, _) => self.close(which, lost),
            (Op::Wait { seconds }, _) => {
                self.now = self.now.plus(Span::seconds(seconds));
                let now = self.now;
                self.holds.iter_mut().filter(|h| now >= h.until).for_each(|h| h.open = false);
            }
            (op, _) => panic!("{op:?} made something else"),
        }
    }

    fn close(&mut self, which: usize, lost: bool) {
        let p = self.payments[which];
        let Some(contest) = p.dispute else { return };
        self.payments[which].dispute = Some(Contest { open: false, ..contest });
        if !lost {
            self.payments[which].disputed = 0;
        } else {
            // Out of the hold, else out of what the merchant has, else the operator brings it in.
            let from = (contest.held || self.may_leave(SHOP, p.cur, contest.minor)).then_some(SHOP);
            self.moves(from, p.from, p.cur, contest.minor);
        }
    }
}

/// What an operation left behind.
#[derive(Clone, Copy)]
enum Made {
    Nothing,
    Hold(TransferId),
    Payment(IntentId),
    Amount(i64),
    Contest(Contest),
}

/// The store under test and the ids of its people.
#[derive(Clone)]
struct Real {
    store: Store,
    merchant: base::MerchantId,
    payers: [AccountId; PAYERS],
}

fn amount(cur: usize, minor: i64) -> Amount {
    Amount::new(minor, CURRENCIES[cur]).unwrap()
}

impl Real {
    fn side(&self, side: Side) -> LedgerSide {
        self.payers.get(side).map_or(LedgerSide::Merchant(self.merchant), |id| LedgerSide::Wallet(*id))
    }

    /// Does it; what it is about is taken from the model as it stood before.
    async fn play(&self, op: Op, about: &About, now: Timestamp) -> Result<Made, StoreError> {
        let missing = || StoreError::NotFound("such a thing yet");
        match op {
            Op::TopUp { to, cur, minor } => {
                let id = TransferId::from_uuid(uuid());
                self.store.top_up(self.payers[to], amount(cur, minor), id, now).await.map(|()| Made::Nothing)
            }
            Op::Hold { from, to, cur, minor } => {
                let id = TransferId::from_uuid(uuid());
                let new = NewTransfer { id, amount: amount(cur, minor), lasts: LASTS };
                self.store.hold(new, self.side(from), self.side(to), now).await.map(|()| Made::Hold(id))
            }
            Op::Post { part, .. } => {
                let hold = about.hold.ok_or_else(missing)?;
                let part = part.map(|minor| amount(hold.cur, minor));
                self.store.post(hold.id, part, now).await.map(|()| Made::Nothing)
            }
            Op::Void { .. } => self.store.void(about.hold.ok_or_else(missing)?.id, now).await.map(|()| Made::Nothing),
            Op::Pay { from, cur, minor } => self.pay(self.payers[from], amount(cur, minor), now).await,
            Op::Refund { part, .. } => {
                let payment = about.payment.ok_or_else(missing)?;
                let new = NewRefund {
                    id: base::RefundId::from_uuid(uuid()),
                    merchant: self.merchant,
                    intent: payment.intent,
                    amount: part.map(|minor| amount(payment.cur, minor)),
                    transfer: TransferId::from_uuid(uuid()),
                    event: base::EventId::from_uuid(uuid()),
                };
                self.store.refund(new, now).await.map(|refund| Made::Amount(refund.amount.minor()))
            }
            Op::Dispute { part, .. } => self.dispute(about.payment.ok_or_else(missing)?, part, now).await,
            Op::Close { lost, .. } => {
                let contest = about.payment.and_then(|p| p.dispute).ok_or_else(missing)?;
                let event = if lost { DisputeEvent::Accepted } else { DisputeEvent::Withdrawn };
                self.store.dispute_event(contest.id, event, None, now).await.map(|_| Made::Nothing)
            }
            Op::Wait { .. } => Ok(Made::Nothing),
        }
    }

    async fn pay(&self, account: AccountId, amount: Amount, now: Timestamp) -> Result<Made, StoreError> {
        let new = NewIntent { amount, expires_at: now.plus(Span::days(1)), ..new_intent(self.merchant, 1) };
        let intent = self.store.create_intent(new, now).await?.id;
        let allow = Authorisation {
            authentication: base::AuthenticationId::from_uuid(uuid()),
            challenge: None,
            intent,
            account,
            method: base::Method::Passphrase,
            proven: vec![base::Method::Passphrase],
            terms: Terms { amount, payee: self.merchant },
            reasons: vec![],
            decided_at: now,
            device: None,
            template: None,
            transfer: TransferId::from_uuid(uuid()),
            receipt: base::ReceiptId::from_uuid(uuid()),
            event: base::EventId::from_uuid(uuid()),
        };
        self.store.authorise_and_post(allow, now).await.map(|paid| Made::Payment(paid.intent.id))
    }

    async fn dispute(&self, payment: Payment, part: Option<i64>, now: Timestamp) -> Result<Made, StoreError> {
        let id = DisputeId::from_uuid(uuid());
        let new = NewDispute {
            id,
            intent: payment.intent,
            payer: self.payers[payment.from],
            amount: part.map(|minor| amount(payment.cur, minor)),
            reason: "other".into(),
            transfer: TransferId::from_uuid(uuid()),
        };
        let once = Idempotency { scope: "dispute".into(), key: uuid().to_string(), body_hash: [1; 32] };
        let render = |_: &Dispute| SavedReply { status: 201, body: String::new() };
        self.store.dispute_once(new, once, render, now).await?;
        let made = self.store.dispute(id).await?.unwrap();
        let held = made.transfer.is_some();
        Ok(Made::Contest(Contest { id, minor: made.amount.minor(), held, open: true }))
    }

    async fn agrees(&self, model: &Model) {
        for side in 0..=SHOP {
            for (number, currency) in CURRENCIES.into_iter().enumerate() {
                let real = self.store.balance(self.side(side), currency).await.unwrap();
                assert_eq!(real, model.balance(side, number), "account {side} in {currency}");
                let then = self.store.balance_at(self.side(side), currency, model.now).await.unwrap();
                assert_eq!(then.minor(), real.posted, "history of account {side} in {currency}");
            }
        }
        let books = self.store.check_books().await.unwrap();
        assert!(books.is_sound(), "{books:?}");
    }
}

/// What an operation is about.
struct About {
    hold: Option<Hold>,
    payment: Option<Payment>,
}

impl Model {
    fn about(&self, op: Op) -> About {
        let (Op::Post { which, .. }
        | Op::Void { which }
        | Op::Refund { which, .. }
        | Op::Dispute { which, .. }
        | Op::Close { which, .. }) = op
        else {
            return About { hold: None, payment: None };
        };
        About { hold: self.holds.get(which).copied(), payment: self.payments.get(which).copied() }
    }
}

async fn start() -> (tempfile::TempDir, Real, Model) {
    let World { dir, store, merchant, payer: first, .. } =
        World::with(StoreOptions { synced: false, ..StoreOptions::default() }).await;
    let payers = [first, payer(&store, 1_000).await, payer(&store, 500).await];
    let mut model = Model { now: NOW, posted: HashMap::new(), holds: Vec::new(), payments: Vec::new() };
    for (side, minor) in [(0, 10_000), (1, 1_000), (2, 500)] {
        model.moves(None, side, 0, minor);
    }
    (dir, Real { store, merchant, payers }, model)
}

/// One after the other: every answer is the model's.
async fn in_turn(history: Vec<Op>) {
    let (_dir, real, mut model) = start().await;
    for op in history {
        let (expected, about) = (model.expects(op), model.about(op));
        let done = real.play(op, &about, model.now).await;
        assert_eq!(done.is_ok(), expected, "{op:?}: {:?}", done.err());
        if let Ok(made) = done {
            model.done(op, made);
        }
        if matches!(op, Op::Wait { .. }) {
            real.store.expire_holds(100, model.now).await.unwrap();
        }
    }
    real.agrees(&model).await;
}

/// Several at once: what was done adds up, and nothing was done that no order allows (no account below zero, no hold ended
/// twice, no payment given back twice: the model's own sums would differ).
async fn at_once(history: Vec<Op>) {
    let (_dir, real, mut model) = start().await;
    for together in history.chunks(6) {
        // Time and the ends of disputes depend on what stands then: they are played between the others.
        let (alone, crowd): (Vec<Op>, Vec<Op>) =
            together.iter().partition(|op| matches!(op, Op::Wait { .. } | Op::Close { .. }));
        let now = model.now;
        let tasks: Vec<_> = crowd
            .iter()
            .map(|op| {
                let (op, about, real) = (*op, model.about(*op), real.clone());
                tokio::spawn(async move { (op, real.play(op, &about, now).await) })
            })
            .collect();
        let mut ended = Vec::new();
        for task in tasks {
            ended.push(task.await.unwrap());
        }
        for (op, made) in ended {
            match made {
                Ok(made) => model.done(op, made),
                Err(StoreError::Internal(why) | StoreError::Database(why)) => panic!("{op:?}: {why}"),
                Err(_) => {}
            }
        }
        for op in alone {
            let (expected, about) = (model.expects(op), model.about(op));
            let done = real.play(op, &about, model.now).await;
            assert_eq!(done.is_ok(), expected, "{op:?}: {:?}", done.err());
            if let Ok(made) = done {
                model.done(op, made);
            }
            real.store.expire_holds(100, model.now).await.unwrap();
        }
        real.agrees(&model).await;
    }
}

fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn the_store_agrees_with_plain_sums(history in prop::collection::vec(op(), 1..70)) {
        run(in_turn(history));
    }

    #[test]
    fn several_threads_add_up_to_what_was_answered(history in prop::collection::vec(op(), 6..70)) {
        run(at_once(history));
    }
}
