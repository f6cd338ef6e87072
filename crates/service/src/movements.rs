//! Top-ups and withdrawals of a wallet, transfers between wallets, payouts of a merchant.

use base::{AccountId, Method, MovementId, TransferId};
use decide::{Asked, Outcome, Risk};
use ledger::MovementStatus;
use store::{HowMuch, Movement, NewMovement, Route, Settles};

use crate::app::App;
use crate::balance::parse_currency;
use crate::config::Mode;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::intent::{derived, once, parse_amount, saved};
use crate::limits::{TEST_RAIL_TAKES, TEXT_CHARS};
use crate::lists::{ListFilter, PageAsked, listed};
use crate::merchant::Merchant;
use crate::once::replied;
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::view::{ListView, MovementView};

/// Money into or out of a wallet or a merchant's balance.
pub struct MoveAsked {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Account at the bank; of the test rail: `test_bank`, `test_instant`, `test_returned`, `test_declined`.
    pub bank: String,
}

/// Money to another wallet.
pub struct TransferAsked {
    /// The recipient's account id.
    pub to: String,
    pub amount: i64,
    pub currency: String,
    pub note: String,
}

impl App {
    /// Brings money into the payer's wallet.
    ///
    /// # Errors
    /// No bank is connected; the bank declines; amounts that cannot be.
    pub async fn top_up(&self, payer: &PayerSession, key: &str, asked: MoveAsked) -> Result<MovementView> {
        self.through_bank(payer.account, Route::TopUp(payer.account), "me/top_ups", key, asked).await
    }

    /// Takes money out of the payer's wallet, proven by passphrase.
    ///
    /// # Errors
    /// As [`App::top_up`]; a wrong passphrase; not enough available; more than the passphrase alone may move.
    pub async fn withdraw(
        &self,
        payer: &PayerSession,
        key: &str,
        asked: MoveAsked,
        proof: (&Device, Passphrase),
    ) -> Result<MovementView> {
        self.may_leave(payer, asked.amount, &asked.currency, proof).await?;
        self.through_bank(payer.account, Route::Withdrawal(payer.account), "me/withdrawals", key, asked).await
    }

    /// Pays the merchant out; all that is available when `amount` is `None`.
    ///
    /// # Errors
    /// As [`App::top_up`]; not enough available.
    pub async fn pay_out(
        &self,
        merchant: &Merchant,
        key: &str,
        amount: Option<i64>,
        currency: String,
        bank: String,
    ) -> Result<MovementView> {
        let request = serde_json::json!([amount, currency, bank]).to_string();
        let much = match amount {
            Some(minor) => HowMuch::Exactly(parse_amount(minor, &currency)?),
            None => HowMuch::All(parse_currency(&currency)?),
        };
        let once = once(&merchant.id, "payouts", key, &request)?;
        let settles = self.test_rail(&bank)?;
        self.move_it(once, Route::Payout(merchant.id), much, bank, String::new(), settles).await
    }

    /// Sends money to another wallet, proven by passphrase.
    ///
    /// # Errors
    /// As [`App::withdraw`]; no such recipient.
    pub async fn transfer(
        &self,
        payer: &PayerSession,
        key: &str,
        asked: TransferAsked,
        proof: (&Device, Passphrase),
    ) -> Result<MovementView> {
        let to: AccountId = asked.to.parse().map_err(|_| Error::NotFound("recipient"))?;
        if asked.note.chars().count() > TEXT_CHARS || asked.note.chars().any(char::is_control) {
            return Err(Error::invalid("note", format!("at most {TEXT_CHARS} characters")));
        }
        self.may_leave(payer, asked.amount, &asked.currency, proof).await?;
        let route = Route::Transfer { from: payer.account, to };
        let request = serde_json::json!([asked.to, asked.amount, asked.currency, asked.note]).to_string();
        let once = once(&payer.account, "me/transfers", key, &request)?;
        let amount = HowMuch::Exactly(parse_amount(asked.amount, &asked.currency)?);
        self.move_it(once, route, amount, "ledger".into(), asked.note, Settles::Now).await
    }

    /// The wallet's movements, newest first.
    ///
    /// # Errors
    /// A cursor that is not there.
    pub async fn movements(&self, payer: &PayerSession, page: PageAsked) -> Result<ListView<MovementView>> {
        let page = page.of()?;
        Ok(listed(self.store.list_movements(payer.account, page).await?, view))
    }

    /// The merchant's payouts, newest first.
    ///
    /// # Errors
    /// A cursor or status that is not there.
    pub async fn payouts(
        &self,
        merchant: &Merchant,
        filter: &ListFilter,
        page: PageAsked,
    ) -> Result<ListView<MovementView>> {
        let status = filter.status(MovementStatus::from_name)?;
        let (times, page) = (filter.between()?, page.of()?);
        Ok(listed(self.store.list_payouts(merchant.id, status, times, page).await?, view))
    }

    /// A payout.
    ///
    /// # Errors
    /// Not this merchant's.
    pub async fn payout(&self, merchant: &Merchant, id: &str) -> Result<MovementView> {
        let id: MovementId = id.parse().map_err(|_| Error::NotFound("payout"))?;
        let found = self.store.movement(*merchant.id.as_uuid(), id).await?;
        found.map(|m| view(&m)).ok_or(Error::NotFound("payout"))
    }

    /// Whether a passphrase alone lets so much leave: the same table decides as for payments.
    async fn may_leave(
        &self,
        payer: &PayerSession,
        amount: i64,
        currency: &str,
        (device, passphrase): (&Device, Passphrase),
    ) -> Result<()> {
        let amount = parse_amount(amount, currency)?.money();
        self.prove(payer, device, passphrase).await?;
        let paid_24h = self.paid_today(payer.account, Method::Passphrase, amount.currency()).await?;
        let proven = [Method::Passphrase];
        let answer = self.rules().judge(&Asked { proven: &proven, amount, paid_24h, risk: Risk::Low });
        if answer.outcome == Outcome::Allow { Ok(()) } else { Err(Error::TooMuchAtOnce) }
    }

    async fn through_bank(
        &self,
        payer: AccountId,
        route: Route,
        what: &str,
        key: &str,
        asked: MoveAsked,
    ) -> Result<MovementView> {
        let request = serde_json::json!([asked.amount, asked.currency, asked.bank]).to_string();
        let amount = HowMuch::Exactly(parse_amount(asked.amount, &asked.currency)?);
        let once = once(&payer, what, key, &request)?;
        let settles = self.test_rail(&asked.bank)?;
        self.move_it(once, route, amount, asked.bank, String::new(), settles).await
    }

    /// What the play bank answers, by the account's name.
    fn test_rail(&self, bank: &str) -> Result<Settles> {
        if self.mode() != Mode::Test {
            return Err(Error::NoRail);
        }
        let soon = self.now().plus(TEST_RAIL_TAKES);
        match bank {
            "test_instant" => Ok(Settles::Now),
            "test_bank" => Ok(Settles::At(soon)),
            "test_returned" => Ok(Settles::FailsAt(soon)),
            "test_declined" => Err(Error::RailDeclined),
            _ => Err(Error::invalid("bank", "one of test_bank, test_instant, test_returned, test_declined")),
        }
    }

    async fn move_it(
        &self,
        once: store::Idempotency,
        route: Route,
        amount: HowMuch,
        rail: String,
        note: String,
        settles: Settles,
    ) -> Result<MovementView> {
        let new = NewMovement {
            id: MovementId::from_uuid(derived(&once, "movement")),
            route,
            amount,
            rail,
            note,
            settles,
            transfer: TransferId::from_uuid(derived(&once, "transfer")),
        };
        replied(self.store.move_once(new, once, |made| saved(&view(made)), self.now()).await?)
    }
}

fn view(movement: &Movement) -> MovementView {
    MovementView {
        id: movement.id.to_string(),
        kind: movement.kind.as_str().to_owned(),
        amount: movement.amount.minor(),
        currency: movement.amount.currency().code().to_owned(),
        status: movement.status.as_str().to_owned(),
        bank: movement.rail.clone(),
        to: movement.to.map(|id| id.to_string()),
        note: movement.note.clone(),
        failure: movement.failure.clone().filter(|_| movement.status == MovementStatus::Failed),
        created_at: movement.created_at.rfc3339(),
        settles_at: movement.settles_at.rfc3339(),
    }
}
