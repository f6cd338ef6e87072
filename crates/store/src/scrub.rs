//! Empties the write-ahead log after an erasure. Freed cells and pages are overwritten when they are freed
//! (`secure_delete`); what the log still holds of them goes here.

use rusqlite::Connection;

use crate::limits::SCRUB_TRIES;
use crate::sql::Location;
use crate::{Store, StoreError};

impl Store {
    /// Copies the log of a database file into it and cuts the log to nothing, so that erased bytes are in neither.
    /// PostgreSQL reuses freed space and its log by its own rules; there the destroyed key alone is what counts.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when readers held the log all the time (nothing is lost; call again), database failures.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        let Location::File(path) = self.location().clone() else { return Ok(()) };
        let scrubbing = tokio::task::spawn_blocking(move || {
            let connection = Connection::open(&path)?;
            connection.busy_timeout(std::time::Duration::from_millis(200))?;
            for _ in 0..SCRUB_TRIES {
                let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
                if busy == 0 {
                    return Ok(());
                }
            }
            Err(StoreError::Busy)
        });
        scrubbing.await.map_err(|e| StoreError::Internal(format!("emptying the log stopped: {e}")))?
    }
}
