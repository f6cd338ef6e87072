//! New keys for every template, while payments go on: batch by batch, each usable at every moment (see `vault::renew`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{TemplateId, Timestamp};
use store::{Exchange, KeptSealed, Store};
use vault::limits::RENEW_AT_ONCE;
use vault::{Label, Renewed, Rotation, SealedTemplate, Vault, VaultError};

use crate::error::{Error, Result};

/// Templates erased or enrolled meanwhile need another round; more rounds than this mean that something is wrong.
const MOST_ROUNDS: usize = 8;
/// Where somebody waits for payments: as much pause as work, so that the writer and the disk stay free.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Rotates all keys, or goes on with a rotation that was cut off. `progress` is told after each batch; `alone` says that no
/// server works beside.
///
/// # Errors
/// The key store or the database fails; everything stays usable and the next call goes on.
pub async fn rotate_keys(
    store: &Store,
    vault: &Arc<Vault>,
    now: impl Fn() -> Timestamp,
    alone: bool,
    mut progress: impl FnMut(Rotation),
) -> Result<usize> {
    blocking(vault, |vault| vault.begin_rotation()).await?;
    let mut renewed = 0;
    for _ in 0..MOST_ROUNDS {
        let stale = blocking(vault, |vault| vault.stale(usize::MAX)).await?;
        if stale.is_empty() {
            break;
        }
        let total = renewed + stale.len();
        for batch in stale.chunks(RENEW_AT_ONCE) {
            let begun = Instant::now();
            renew_batch(store, vault, batch.to_vec(), now()).await?;
            renewed += batch.len();
            progress(Rotation { done: renewed, total });
            if !alone {
                tokio::time::sleep(begun.elapsed().min(LONGEST_PAUSE)).await;
            }
        }
    }
    blocking(vault, |vault| vault.finish_rotation()).await?;
    // The old sealed forms are unreadable; their bytes go as well.
    store.scrub().await?;
    Ok(renewed)
}

/// New keys beside the old, new sealed forms in one commit, old keys away.
async fn renew_batch(store: &Store, vault: &Arc<Vault>, ids: Vec<TemplateId>, now: Timestamp) -> Result<()> {
    let rows = store.sealed_forms(ids.clone()).await?;
    let known: Vec<TemplateId> = rows.iter().map(|row| row.id).collect();
    for lost in ids.into_iter().filter(|id| !known.contains(id)) {
        blocking(vault, move |vault| unless_erased(vault.rewrap(lost))).await?;
    }
    let (mut settled, mut exchanges) = (Vec::new(), Vec::new());
    for (row, renewed) in seal_again(vault, rows).await? {
        match renewed {
            Renewed::Done => {}
            Renewed::Waiting => settled.push(row.id),
            Renewed::Sealed(sealed) => exchanges.push(Exchange {
                place: row.place,
                id: row.id,
                before: row.sealed,
                after: sealed.as_bytes().to_vec(),
            }),
        }
    }
    let exchanged: Vec<TemplateId> = exchanges.iter().map(|e| e.id).collect();
    let done = store.exchange_sealed(exchanges, now).await?;
    settled.extend(exchanged.into_iter().zip(done).filter_map(|(id, done)| done.then_some(id)));
    blocking(vault, move |vault| vault.settle(&settled)).await
}

type Row = (KeptSealed, Renewed);

/// Where a whole batch does not go, one by one: a sealed form that no key opens must not keep the others from new keys.
async fn seal_again(vault: &Arc<Vault>, rows: Vec<KeptSealed>) -> Result<Vec<Row>> {
    let vault = Arc::clone(vault);
    let work = move || {
        let inputs = rows.iter().map(labelled).collect::<std::result::Result<Vec<_>, _>>();
        if let Ok(all) = inputs.and_then(|inputs| vault.renew(&inputs)) {
            return Ok(rows.into_iter().zip(all).collect());
        }
        let mut answers: Vec<Row> = Vec::new();
        for row in rows {
            let one = labelled(&row).and_then(|input| vault.renew(&[input]));
            match one.map(|mut one| one.pop()) {
                Ok(Some(renewed)) => answers.push((row, renewed)),
                Ok(None) | Err(VaultError::Erased { .. } | VaultError::UnknownTemplate(_)) => {}
                Err(VaultError::Tampered) => {
                    tracing::warn!(template = %row.id, "a sealed template does not open; its keys are wrapped anew as they are");
                    unless_erased(vault.rewrap(row.id))?;
                }
                Err(other) => return Err(other),
            }
        }
        Ok(answers)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::internal)
}

fn labelled(row: &KeptSealed) -> std::result::Result<(Label, SealedTemplate), VaultError> {
    let label = Label { account: row.owner, method: row.method, template: row.id };
    Ok((label, SealedTemplate::from_bytes(row.sealed.clone())?))
}

fn unless_erased(done: std::result::Result<(), VaultError>) -> std::result::Result<(), VaultError> {
    match done {
        Err(VaultError::Erased { .. } | VaultError::UnknownTemplate(_)) => Ok(()),
        other => other,
    }
}

async fn blocking<T: Send + 'static>(
    vault: &Arc<Vault>,
    work: impl FnOnce(&Vault) -> std::result::Result<T, VaultError> + Send + 'static,
) -> Result<T> {
    let vault = Arc::clone(vault);
    tokio::task::spawn_blocking(move || work(&vault)).await.map_err(Error::internal)?.map_err(Error::internal)
}
