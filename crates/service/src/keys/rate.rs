//! How often a key may ask.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use base::{ApiKeyId, Timestamp};

use crate::error::{Error, Result};
use crate::limits::{KEYS_COUNTED, RATE_WINDOW};

/// Requests of each key in fixed windows of a minute, those that read apart from those that change something.
pub(crate) struct KeyRates<K = (ApiKeyId, bool)>(Mutex<HashMap<K, (Timestamp, u32)>>);

impl<K> Default for KeyRates<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> KeyRates<K> {
    /// Counts a request.
    pub(crate) fn take(&self, key: K, per_minute: u32, now: Timestamp) -> Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |start: Timestamp| start.plus(RATE_WINDOW) <= now;
        if counts.len() >= KEYS_COUNTED {
            counts.retain(|_, (start, _)| !over(*start));
        }
        let (start, count) = counts.entry(key).or_insert((now, 0));
        if over(*start) {
            (*start, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count <= per_minute {
            return Ok(());
        }
        let until = start.plus(RATE_WINDOW);
        let wait = until.since(now).as_millis().saturating_add(999) / 1_000;
        Err(Error::TooFast { until, wait: u64::try_from(wait).unwrap_or(1) })
    }
}

#[cfg(test)]
mod tests {
    use base::Span;

    use super::*;

    #[test]
    fn each_key_has_its_own_minute_and_is_told_how_long_to_wait() {
        let rates = KeyRates::default();
        let now = Timestamp::from_millis(1_800_000_000_000);
        assert!(rates.take(1, 2, now).is_ok() && rates.take(1, 2, now).is_ok());
        let later = now.plus(Span::millis(20_500));
        assert!(matches!(rates.take(1, 2, later), Err(Error::TooFast { wait: 40, .. })));
        assert!(rates.take(2, 2, now).is_ok());
        assert!(rates.take(1, 2, now.plus(RATE_WINDOW)).is_ok());
    }
}
