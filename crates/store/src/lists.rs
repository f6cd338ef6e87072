//! A merchant's lists.

use base::{AccountId, DisputeId, EventId, IntentId, MerchantId, MovementId, RefundId, Timestamp};
use ledger::{DisputeStatus, IntentStatus, MovementStatus, TransferKind};

use crate::key::Key;
use crate::limits::MAX_LIST;
use crate::page::{Between, Bind, Listed, Listing, Page, cut};
use crate::sql::one;
use crate::tx::all;
use crate::{
    Dispute, Event, Intent, Movement, Refund, Store, StoreError, disputes, intents, movements, outbox, refunds,
};

impl Store {
    /// A merchant's payments.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a cursor that is not there.
    pub async fn list_intents(
        &self,
        merchant: MerchantId,
        status: Option<IntentStatus>,
        times: Between,
        page: Page<IntentId>,
        now: Timestamp,
    ) -> Result<Listed<Intent>, StoreError> {
        self.read(move |conn| {
            let select = "SELECT i.*, m.name AS payee FROM intents i JOIN merchants m ON m.id = i.merchant \
                          WHERE i.merchant = ?1";
            let mut list = Listing::of("intents", "i", select, merchant.key()).between(times);
            // An overdue payment reads as expired, so it is listed as one, too.
            let open = "i.status IN ('requires_confirmation', 'requires_action', 'processing', 'requires_capture')";
            match status {
                Some(IntentStatus::Expired) => {
                    let either = format!("(i.status = 'expired' OR ({open} AND i.expires_at <= ?))");
                    list = list.and(&either, Bind::Int(now.as_millis()));
                }
                Some(status) => {
                    list = list.and("i.status = ?", Bind::Text(status.as_str().to_owned()));
                    if !status.is_final() {
                        list = list.and("i.expires_at > ?", Bind::Int(now.as_millis()));
                    }
                }
                None => {}
            }
            list.page(conn, page, |row| intents::intent(row, now))
        })
        .await
    }

    /// A merchant's refunds, of one payment or all.
    ///
    /// # Errors
    /// As [`Store::list_intents`].
    pub async fn list_refunds(
        &self,
        merchant: MerchantId,
        intent: Option<IntentId>,
        times: Between,
        page: Page<RefundId>,
    ) -> Result<Listed<Refund>, StoreError> {
        self.read(move |conn| {
            let select = "SELECT r.* FROM refunds r WHERE r.merchant = ?1";
            let mut list = Listing::of("refunds", "r", select, merchant.key()).between(times);
            if let Some(intent) = intent {
                list = list.and("r.intent = ?", Bind::Blob(intent.key().to_vec()));
            }
            list.page(conn, page, refunds::refund)
        })
        .await
    }

    /// A merchant's refund.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn refund_of(&self, merchant: MerchantId, id: RefundId) -> Result<Option<Refund>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM refunds WHERE id = ?1 AND merchant = ?2";
            one(conn, sql, [id.key(), merchant.key()], refunds::refund)
        })
        .await
    }

    /// A merchant's disputes.
    ///
    /// # Errors
    /// As [`Store::list_intents`].
    pub async fn list_disputes(
        &self,
        merchant: MerchantId,
        status: Option<DisputeStatus>,
        times: Between,
        page: Page<DisputeId>,
    ) -> Result<Listed<Dispute>, StoreError> {
        self.read(move |conn| {
            let select = "SELECT d.* FROM disputes d WHERE d.merchant = ?1";
            let mut list = Listing::of("disputes", "d", select, merchant.key()).between(times);
            if let Some(status) = status {
                list = list.and("d.status = ?", Bind::Text(status.as_str().to_owned()));
            }
            list.page(conn, page, disputes::dispute)
        })
        .await
    }

    /// Disputes of every merchant, for the operator.
    ///
    /// # Errors
    /// As [`Store::list_intents`].
    pub async fn list_all_disputes(
        &self,
        status: Option<DisputeStatus>,
        times: Between,
        page: Page<DisputeId>,
    ) -> Result<Listed<Dispute>, StoreError> {
        self.read(move |conn| {
            // No id is zero.
            let select = "SELECT d.* FROM disputes d WHERE d.id <> ?1";
            let mut list = Listing::of("disputes", "d", select, [0; 16]).between(times);
            if let Some(status) = status {
                list = list.and("d.status = ?", Bind::Text(status.as_str().to_owned()));
            }
            list.page(conn, page, disputes::dispute)
        })
        .await
    }

    /// A wallet's top-ups, withdrawals and transfers, sent and received.
    ///
    /// # Errors
    /// As [`Store::list_intents`].
    pub async fn list_movements(
        &self,
        account: AccountId,
        page: Page<MovementId>,
    ) -> Result<Listed<Movement>, StoreError> {
        self.read(move |conn| {
            let select = "SELECT v.* FROM movements v WHERE (v.owner = ?1 OR v.counterparty = ?1)";
            Listing::of("movements", "v", select, account.key()).page(conn, page, movements::movement)
        })
        .await
    }

    /// A merchant's payouts.
    ///
    /// # Errors
    /// As [`Store::list_intents`].
    pub async fn list_payouts(
        &self,
        merchant: MerchantId,
        status: Option<MovementStatus>,
        times: Between,
        page: Page<MovementId>,
    ) -> Result<Listed<Movement>, StoreError> {
        self.read(move |conn| {
            let select = "SELECT v.* FROM movements v WHERE v.owner = ?1";
            let kind = Bind::Text(TransferKind::Payout.as_str().to_owned());
            let list = Listing::of("movements", "v", select, merchant.key());
            let mut list = list.and("v.kind = ?", kind).between(times);
            if let Some(status) = status {
                list = list.and("v.status = ?", Bind::Text(status.as_str().to_owned()));
            }
            list.page(conn, page, movements::movement)
        })
        .await
    }

    /// A merchant's events, of one kind or all.
    ///
    /// # Errors
    /// As [`Store::list_intents`].
    pub async fn list_events(
        &self,
        merchant: MerchantId,
        kind: Option<String>,
        times: Between,
        page: Page<EventId>,
    ) -> Result<Listed<Event>, StoreError> {
        self.read(move |conn| {
            let mut binds = vec![Bind::Blob(merchant.key().to_vec())];
            let mut sql = "SELECT * FROM events WHERE merchant = ?1".to_owned();
            let backwards = page.starting_after.is_none() && page.ending_before.is_some();
            if let Some(cursor) = page.starting_after.or(page.ending_before) {
                let at = "SELECT seq FROM events WHERE id = ?1";
                let seq: i64 =
                    one(conn, at, [cursor.key()], |row| row.get(0))?.ok_or(StoreError::NotFound("cursor"))?;
                binds.push(Bind::Int(seq));
                sql.push_str(if backwards { " AND seq > ?2" } else { " AND seq < ?2" });
            }
            if let Some(kind) = kind {
                binds.push(Bind::Text(kind));
                sql.push_str(&format!(" AND kind = ?{}", binds.len()));
            }
            for (sign, time) in [(">=", times.from), ("<", times.until)] {
                if let Some(time) = time {
                    binds.push(Bind::Int(time.as_millis()));
                    sql.push_str(&format!(" AND created_at {sign} ?{}", binds.len()));
                }
            }
            let limit = page.limit.clamp(1, MAX_LIST);
            let (order, more) = (if backwards { "ASC" } else { "DESC" }, limit.saturating_add(1));
            sql.push_str(&format!(" ORDER BY seq {order} LIMIT {more}"));
            Ok(cut(all(conn, &sql, binds.as_slice(), outbox::event)?, limit, backwards))
        })
        .await
    }

    /// A merchant's event.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn event_of(&self, merchant: MerchantId, id: EventId) -> Result<Option<Event>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM events WHERE id = ?1 AND merchant = ?2";
            one(conn, sql, [id.key(), merchant.key()], outbox::event)
        })
        .await
    }
}
