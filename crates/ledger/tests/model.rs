//! Random histories of holds, posts, voids, expiries and refunds against a model that only adds and subtracts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests may stop the test")]

use std::collections::HashMap;

use base::{LedgerAccountId, Span, Timestamp, TransferId};
use ledger::{
    Account, AccountKind, Balance, LedgerError, NewTransfer, RefundBook, RefundError, Side, Step, Transfer,
    TransferState, hold, post, post_now, release,
};
use money::{Amount, Currency};
use proptest::prelude::*;
use uuid::Uuid;

const ACCOUNTS: usize = 4;
const LASTS: i64 = 50;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn eur(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

/// Account 0 is the outside world, the others are wallets.
fn account(number: usize) -> Account {
    let kind = if number == 0 { AccountKind::Funding } else { AccountKind::Wallet };
    Account { id: LedgerAccountId::from_uuid(Uuid::from_u128(number as u128)), kind, currency: Currency::EUR }
}

#[derive(Clone, Debug)]
enum Op {
    Hold { from: usize, to: usize, minor: i64 },
    PostNow { from: usize, to: usize, minor: i64 },
    Post { which: usize, part: Option<i64> },
    Void { which: usize },
    Expire { which: usize },
    Wait { ms: i64 },
}

fn ops() -> impl Strategy<Value = Op> {
    let ends = (0..ACCOUNTS, 0..ACCOUNTS, 1..200i64);
    prop_oneof![
        3 => ends.clone().prop_map(|(from, to, minor)| Op::Hold { from, to, minor }),
        3 => ends.prop_map(|(from, to, minor)| Op::PostNow { from, to, minor }),
        3 => (0..12usize, prop::option::of(1..220i64)).prop_map(|(which, part)| Op::Post { which, part }),
        1 => (0..12usize).prop_map(|which| Op::Void { which }),
        1 => (0..12usize).prop_map(|which| Op::Expire { which }),
        1 => (1..30i64).prop_map(|ms| Op::Wait { ms }),
    ]
}

/// What is known of a transfer without asking the ledger.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Open { until: i64 },
    Posted,
    Voided,
    Expired,
}

#[derive(Default)]
struct Books {
    balances: [Balance; ACCOUNTS],
    transfers: Vec<(Transfer, Known)>,
    /// The model: money moved, and money held, per account.
    moved: [i64; ACCOUNTS],
    held: HashMap<TransferId, (usize, usize, i64)>,
    now: i64,
}

impl Books {
    fn side(&self, number: usize) -> Side {
        Side { account: account(number), balance: self.balances[number] }
    }

    fn held_from(&self, number: usize) -> i64 {
        self.held.values().filter(|h| h.0 == number).map(|h| h.2).sum()
    }

    fn may_leave(&self, from: usize, to: usize, minor: i64) -> bool {
        from != to && (from == 0 || self.moved[from] - self.held_from(from) >= minor)
    }

    fn keep(&mut self, step: &Step, from: usize, to: usize) {
        let sum: i64 = step.entries.iter().flatten().map(|e| e.minor).sum();
        assert_eq!(sum, 0, "entries sum to zero");
        self.balances[from] = step.from;
        self.balances[to] = step.to;
    }

    fn new_transfer(&mut self, minor: i64) -> NewTransfer {
        let id = TransferId::from_uuid(Uuid::from_u128(self.transfers.len() as u128 + 1));
        NewTransfer { id, amount: eur(minor), lasts: Span::millis(LASTS) }
    }

    fn open(&mut self, from: usize, to: usize, minor: i64, at_once: bool) {
        let new = self.new_transfer(minor);
        let rule = if at_once { post_now } else { hold };
        let done = rule(new, at(self.now), self.side(from), self.side(to));
        assert_eq!(done.is_ok(), self.may_leave(from, to, minor), "{done:?}");
        let Ok(step) = done else { return };
        self.keep(&step, from, to);
        if at_once {
            self.moved[from] -= minor;
            self.moved[to] += minor;
        } else {
            self.held.insert(new.id, (from, to, minor));
        }
        let known = if at_once { Known::Posted } else { Known::Open { until: self.now + LASTS } };
        self.transfers.push((step.transfer, known));
    }

    fn settle(&mut self, which: usize, op: &Op) {
        let Some((transfer, known)) = self.transfers.get(which).copied() else { return };
        let number = |id| (0..ACCOUNTS).find(|n| account(*n).id == id).unwrap();
        let (from, to) = (number(transfer.from), number(transfer.to));
        let (a, b, now) = (self.side(from), self.side(to), at(self.now));
        let (done, expected) = match op {
            Op::Post { part, .. } => {
                (post(transfer, part.map(eur), now, a, b), self.post_answer(transfer, known, *part))
            }
            Op::Void { .. } => (release(transfer, false, now, a, b), closed(known)),
            _ => (release(transfer, true, now, a, b), closed(known).or(self.too_early(known))),
        };
        assert_eq!(done.err(), expected);
        let Ok(step) = done else { return };
        self.keep(&step, from, to);
        self.held.remove(&transfer.id);
        let known = match step.transfer.state {
            TransferState::Posted { amount } => {
                self.moved[from] -= amount.minor();
                self.moved[to] += amount.minor();
                Known::Posted
            }
            TransferState::Voided => Known::Voided,
            TransferState::Expired => Known::Expired,
            TransferState::Pending => panic!("a settled transfer is pending"),
        };
        self.transfers[which] = (step.transfer, known);
    }

    fn post_answer(&self, transfer: Transfer, known: Known, part: Option<i64>) -> Option<LedgerError> {
        let late = matches!(known, Known::Open { until } if self.now >= until).then_some(LedgerError::Expired);
        let more =
            part.filter(|p| *p > transfer.amount.minor()).map(|_| LedgerError::MoreThanHeld { held: transfer.amount });
        closed(known).or(late).or(more)
    }

    fn too_early(&self, known: Known) -> Option<LedgerError> {
        matches!(known, Known::Open { until } if self.now < until).then_some(LedgerError::NotExpired)
    }

    fn check(&self) {
        assert_eq!(self.balances.iter().map(|b| b.posted).sum::<i64>(), 0);
        for (number, balance) in self.balances.iter().enumerate() {
            let held_to: i64 = self.held.values().filter(|h| h.1 == number).map(|h| h.2).sum();
            let model =
                Balance { posted: self.moved[number], pending_out: self.held_from(number), pending_in: held_to };
            assert_eq!(*balance, model, "account {number}");
            assert!(number == 0 || balance.available() >= 0, "account {number} is overdrawn");
        }
    }
}

fn closed(known: Known) -> Option<LedgerError> {
    match known {
        Known::Open { .. } => None,
        Known::Posted => Some(LedgerError::AlreadyPosted),
        Known::Voided => Some(LedgerError::Voided),
        Known::Expired => Some(LedgerError::Expired),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_ledger_agrees_with_plain_sums(history in prop::collection::vec(ops(), 1..80)) {
        let mut books = Books::default();
        for op in history {
            match op {
                Op::Hold { from, to, minor } => books.open(from, to, minor, false),
                Op::PostNow { from, to, minor } => books.open(from, to, minor, true),
                Op::Post { which, .. } | Op::Void { which } | Op::Expire { which } => books.settle(which, &op),
                Op::Wait { ms } => books.now += ms,
            }
            books.check();
        }
    }

    #[test]
    fn refunds_never_exceed_the_payment(captured in 1..1_000i64, asks in prop::collection::vec(prop::option::of(1..400i64), 1..20)) {
        let mut book = RefundBook { captured: eur(captured), refunded: 0 };
        let mut given = 0;
        for ask in asks {
            let left = captured - given;
            match book.admit(ask.map(eur)) {
                Ok((amount, next)) => {
                    given += amount.minor();
                    prop_assert_eq!(amount.minor(), ask.unwrap_or(left));
                    book = next;
                }
                Err(RefundError::NothingLeft) => prop_assert_eq!(left, 0),
                Err(RefundError::MoreThanLeft { left: told }) => {
                    prop_assert_eq!(told.minor(), left);
                    prop_assert!(ask.unwrap() > left);
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
            prop_assert!(given <= captured && book.refunded == given);
        }
    }
}

#[test]
fn currencies_and_accounts_do_not_mix() {
    let yen = Amount::new(5, Currency::JPY).unwrap();
    let new = |amount| NewTransfer { id: TransferId::from_uuid(Uuid::nil()), amount, lasts: Span::millis(LASTS) };
    let side = |number| Side { account: account(number), balance: Balance::default() };
    assert_eq!(hold(new(yen), at(0), side(0), side(1)), Err(LedgerError::CurrencyMismatch));
    assert_eq!(hold(new(eur(5)), at(0), side(1), side(1)), Err(LedgerError::SelfTransfer));
    let held = hold(new(eur(5)), at(0), side(0), side(1)).unwrap().transfer;
    assert_eq!(post(held, Some(yen), at(0), side(0), side(1)), Err(LedgerError::CurrencyMismatch));
    assert_eq!(post(held, None, at(0), side(2), side(1)), Err(LedgerError::WrongAccounts));
    let rich = Side { balance: Balance { posted: i64::MAX, ..Balance::default() }, ..side(1) };
    assert_eq!(post_now(new(eur(5)), at(0), side(0), rich), Err(LedgerError::Overflow));
}
