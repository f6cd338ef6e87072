//! What was delivered, what was not, and once more.

use store::{DeliveryCursor, DeliveryState};

use crate::app::App;
use crate::error::{Error, Result};
use crate::lists::{ListFilter, PageAsked, listed};
use crate::merchant::Merchant;
use crate::view::ListView;
use crate::webhook::endpoint::parse;
use crate::webhook::views::{ReplayedView, WebhookDeliveryView};

impl App {
    /// The merchant's deliveries, newest event first; `endpoint`: only those to one.
    ///
    /// # Errors
    /// A cursor, status or endpoint that is not there.
    pub async fn webhook_deliveries(
        &self,
        merchant: &Merchant,
        filter: &ListFilter,
        endpoint: Option<&str>,
        page: PageAsked,
    ) -> Result<ListView<WebhookDeliveryView>> {
        let state = filter.status(DeliveryState::from_name)?;
        let wrong = |_| Error::invalid("endpoint", "this is no webhook endpoint");
        let endpoint = endpoint.map(|id| id.parse().map_err(wrong)).transpose()?;
        let page = page.with(|text| {
            let (event, endpoint) = text.split_once(':')?;
            Some(DeliveryCursor { event: event.parse().ok()?, endpoint: endpoint.parse().ok()? })
        })?;
        let found = self.store.list_deliveries(merchant.id, state, endpoint, page).await?;
        Ok(listed(found, WebhookDeliveryView::of))
    }

    /// Delivers an event again, to every endpoint that is switched on or to one of them.
    ///
    /// # Errors
    /// Not this merchant's event or endpoint.
    pub async fn replay_event(&self, merchant: &Merchant, event: &str, endpoint: Option<&str>) -> Result<ReplayedView> {
        let event = event.parse().map_err(|_| Error::NotFound("event"))?;
        let endpoint = endpoint.map(parse).transpose()?;
        let work = self.store.replay_event(merchant.id, event, endpoint, self.now());
        let show = |count: &u32| ReplayedView { replayed: *count };
        Ok(show(&self.answering(200, show, work).await?))
    }

    /// Takes the merchant's dead deliveries up again, all or those of one endpoint.
    ///
    /// # Errors
    /// Not this merchant's endpoint.
    pub async fn replay_dead(&self, merchant: &Merchant, endpoint: Option<&str>) -> Result<ReplayedView> {
        let endpoint = endpoint.map(parse).transpose()?;
        if let Some(id) = endpoint {
            let found = self.store.webhook_endpoint(merchant.id, id).await?;
            found.ok_or(Error::NotFound("webhook endpoint"))?;
        }
        let work = self.store.replay_dead(Some(merchant.id), endpoint, self.now());
        let show = |count: &u32| ReplayedView { replayed: *count };
        Ok(show(&self.answering(200, show, work).await?))
    }
}
