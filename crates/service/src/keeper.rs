//! The task that keeps house beside the payments: finishes a rotation of the keys, does what the operator's commands ask of
//! the process that holds the key store, and erases what nobody used.

use std::sync::Arc;
use std::time::Duration;

use base::{Span, Timestamp};
use vault::{Answer, Errand, MasterKeySource, Rotation};

use crate::app::App;
use crate::error::Result;
use crate::renew::rotate_keys;

/// How often requests are looked for: one look at a directory.
const EVERY: Duration = Duration::from_millis(500);
/// How often unused templates are looked for, by the app's own clock.
const SWEEP_EVERY: Span = Span::hours(1);

/// Runs until its task is dropped.
pub async fn run_keeper(app: Arc<App>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // A rotation that an earlier run did not end.
    if matches!(app.vault.rotation(), Ok(Some(_))) {
        note("rotation", rotate(&app, None).await);
    }
    let mut next_sweep = app.now();
    loop {
        tick.tick().await;
        next_sweep = sweep_when_due(&app, next_sweep).await;
        let Some(errand) = app.vault.take_errand() else { continue };
        let answer = match errand {
            Errand::Rotate { master } => told(rotate(&app, master).await, |n| format!("{n} templates have new keys")),
            Errand::Sweep => told(app.sweep().await, |n| format!("{n} unused templates were erased")),
        };
        if let Err(error) = app.vault.answer_errand(&answer) {
            tracing::warn!(%error, "the answer to the operator's command could not be written");
        }
    }
}

async fn sweep_when_due(app: &App, due: Timestamp) -> Timestamp {
    let now = app.now();
    if now < due {
        return due;
    }
    note("retention", app.sweep().await);
    now.plus(SWEEP_EVERY)
}

async fn rotate(app: &App, master: Option<MasterKeySource>) -> Result<usize> {
    let vault = Arc::clone(&app.vault);
    if let Some(master) = master {
        let changing = tokio::task::spawn_blocking(move || vault.change_master(master));
        let changed = changing.await.map_err(crate::error::Error::internal)?;
        changed.map_err(crate::error::Error::internal)?;
    }
    let told = |r: Rotation| tracing::info!(done = r.done, total = r.total, "rotating the keys");
    rotate_keys(&app.store, &app.vault, || app.now(), false, told).await
}

fn told(done: Result<usize>, say: impl FnOnce(usize) -> String) -> Answer {
    match done {
        Ok(count) => Answer { well: true, say: say(count) },
        Err(error) => Answer { well: false, say: error.reason() },
    }
}

fn note(what: &'static str, done: Result<usize>) {
    match done {
        Ok(0) => {}
        Ok(count) => tracing::info!(what, count, "done"),
        Err(error) => tracing::warn!(what, error = error.reason(), "will be tried again"),
    }
}
