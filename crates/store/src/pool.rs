use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::StoreError;
use crate::limits::READERS;
use crate::sql::{Connection, Location};

/// A few read-only connections, used on blocking threads.
pub(crate) struct Readers {
    location: Location,
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(location: Location) -> Self {
        Self { location, idle: Arc::default(), places: Arc::new(Semaphore::new(READERS)) }
    }

    pub(crate) async fn run<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (idle, location) = (Arc::clone(&self.idle), self.location.clone());
        let task = tokio::task::spawn_blocking(move || {
            let _place = place;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let kept = kept.filter(Connection::answers);
            let connection = kept.map_or_else(|| Connection::reading(&location), Ok)?;
            let answer = query(&connection);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        task.await.map_err(|e| StoreError::Internal(format!("a query stopped: {e}")))?
    }
}
