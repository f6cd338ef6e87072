//! What time alone brings about: holds expire, the rail answers, disputes run out, promises are broken, saved replies
//! are forgotten.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::limits::UPKEEP_AT_ONCE;

/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(1);

/// Runs until its task is dropped or the store is closed. Nothing depends on its pace: what is overdue reads as such before.
pub async fn run_upkeep(app: Arc<App>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match app.upkeep().await {
            Ok(()) => {}
            Err(store::StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "upkeep has to wait"),
        }
    }
}

impl App {
    async fn upkeep(&self) -> Result<(), store::StoreError> {
        let now = self.now();
        self.store.expire_holds(UPKEEP_AT_ONCE, now).await?;
        self.store.settle_movements(UPKEEP_AT_ONCE, now).await?;
        self.store.close_overdue_disputes(UPKEEP_AT_ONCE, now).await?;
        self.store.forget_replies(now).await?;
        self.store.note_late_orders(UPKEEP_AT_ONCE, now).await?;
        self.keep_key_uses().await?;
        Ok(())
    }
}
