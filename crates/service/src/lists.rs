//! A merchant's lists: pages, filters, and single things of them.

use std::str::FromStr;

use base::{EventId, IntentId, RefundId, Timestamp};
use ledger::IntentStatus;
use store::{Between, Event, Listed, Page};

use crate::app::App;
use crate::error::{Error, Result};
use crate::intent::view as intent_view;
use crate::merchant::Merchant;
use crate::refund::view as refund_view;
use crate::view::{EventView, IntentView, ListView, RefundView};

/// Rows of a page, unless it is said.
const LIMIT: usize = 10;

/// Which page a caller asks for.
#[derive(Clone, Debug, Default)]
pub struct PageAsked {
    /// 1 to 100; 10 when `None`.
    pub limit: Option<usize>,
    /// Id of the last row of the page before.
    pub starting_after: Option<String>,
    /// Id of the first row of the page after.
    pub ending_before: Option<String>,
}

/// What rows are wanted.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    pub status: Option<String>,
    pub payment_intent: Option<String>,
    /// Kind of event.
    pub kind: Option<String>,
    /// Seconds since 1970, that second included.
    pub created_from: Option<i64>,
    /// Seconds since 1970, that second not included.
    pub created_until: Option<i64>,
}

impl PageAsked {
    pub(crate) fn of<C: FromStr>(self) -> Result<Page<C>> {
        self.with(|text| text.parse().ok())
    }

    pub(crate) fn with<C>(self, parse: impl Fn(&str) -> Option<C>) -> Result<Page<C>> {
        let limit = self.limit.unwrap_or(LIMIT);
        if !(1..=store::limits::MAX_LIST).contains(&limit) {
            return Err(Error::invalid("limit", format!("from 1 to {}", store::limits::MAX_LIST)));
        }
        if self.starting_after.is_some() && self.ending_before.is_some() {
            return Err(Error::invalid("ending_before", "give one of starting_after and ending_before"));
        }
        let cursor = |field, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => parse(&text).map(Some).ok_or_else(|| Error::invalid(field, "this is no id of this list")),
        };
        Ok(Page {
            limit,
            starting_after: cursor("starting_after", self.starting_after)?,
            ending_before: cursor("ending_before", self.ending_before)?,
        })
    }
}

impl ListFilter {
    pub(crate) fn status<S>(&self, read: fn(&str) -> Option<S>) -> Result<Option<S>> {
        let known = |name: &String| read(name).ok_or_else(|| Error::invalid("status", "there is no such status"));
        self.status.as_ref().map(known).transpose()
    }

    pub(crate) fn between(&self) -> Result<Between> {
        let time = |field, seconds: Option<i64>| match seconds {
            None => Ok(None),
            Some(s) => s
                .checked_mul(1_000)
                .map(|ms| Some(Timestamp::from_millis(ms)))
                .ok_or_else(|| Error::invalid(field, "seconds since 1970")),
        };
        Ok(Between {
            from: time("created_from", self.created_from)?,
            until: time("created_until", self.created_until)?,
        })
    }
}

impl App {
    /// The merchant's payments, newest first.
    ///
    /// # Errors
    /// A cursor or status that is not there.
    pub async fn intents(
        &self,
        merchant: &Merchant,
        filter: &ListFilter,
        page: PageAsked,
    ) -> Result<ListView<IntentView>> {
        let status = filter.status(IntentStatus::from_name)?;
        let page: Page<IntentId> = page.of()?;
        let found = self.store.list_intents(merchant.id, status, filter.between()?, page, self.now()).await?;
        Ok(listed(found, intent_view))
    }

    /// The merchant's refunds, newest first.
    ///
    /// # Errors
    /// A cursor or payment that is not there.
    pub async fn refunds(
        &self,
        merchant: &Merchant,
        filter: &ListFilter,
        page: PageAsked,
    ) -> Result<ListView<RefundView>> {
        let intent = |id: &String| id.parse().map_err(|_| Error::invalid("payment_intent", "this is no payment"));
        let intent = filter.payment_intent.as_ref().map(intent).transpose()?;
        let page: Page<RefundId> = page.of()?;
        Ok(listed(self.store.list_refunds(merchant.id, intent, filter.between()?, page).await?, refund_view))
    }

    /// A refund.
    ///
    /// # Errors
    /// Not this merchant's.
    pub async fn read_refund(&self, merchant: &Merchant, id: &str) -> Result<RefundView> {
        let id = id.parse().map_err(|_| Error::NotFound("refund"))?;
        let found = self.store.refund_of(merchant.id, id).await?;
        found.map(|r| refund_view(&r)).ok_or(Error::NotFound("refund"))
    }

    /// The merchant's events, newest first.
    ///
    /// # Errors
    /// A cursor that is not there.
    pub async fn events(
        &self,
        merchant: &Merchant,
        filter: &ListFilter,
        page: PageAsked,
    ) -> Result<ListView<EventView>> {
        let page: Page<EventId> = page.of()?;
        let found = self.store.list_events(merchant.id, filter.kind.clone(), filter.between()?, page).await?;
        Ok(listed(found, event_view))
    }

    /// An event, as it was delivered.
    ///
    /// # Errors
    /// Not this merchant's.
    pub async fn event(&self, merchant: &Merchant, id: &str) -> Result<EventView> {
        let id = id.parse().map_err(|_| Error::NotFound("event"))?;
        let found = self.store.event_of(merchant.id, id).await?;
        found.map(|e| event_view(&e)).ok_or(Error::NotFound("event"))
    }
}

pub(crate) fn listed<T, V>(found: Listed<T>, view: impl Fn(&T) -> V) -> ListView<V> {
    ListView { data: found.data.iter().map(view).collect(), has_more: found.has_more }
}

pub(crate) fn event_view(event: &Event) -> EventView {
    EventView {
        id: event.id.to_string(),
        kind: event.kind.clone(),
        created_at: event.created_at.rfc3339(),
        data: crate::view::EventData { object: serde_json::from_str(&event.object).unwrap_or_default() },
    }
}
