//! WebAuthn ceremonies that wait for their device: in memory, used once, forgotten after a minute or two.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use base::{Span, Timestamp};

/// A bounded map whose entries can be taken once and die.
pub(crate) struct Waiting<K, V> {
    most: usize,
    life: Span,
    entries: Mutex<HashMap<K, (V, Timestamp)>>,
}

impl<K: Eq + Hash, V> Waiting<K, V> {
    pub(crate) fn new(most: usize, life: Span) -> Self {
        Self { most, life, entries: Mutex::default() }
    }

    /// Keeps `value`, in the place of an older one; false when too many wait.
    pub(crate) fn put(&self, key: K, value: V, now: Timestamp) -> bool {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.most {
            entries.retain(|_, (_, dies)| now < *dies);
        }
        let room = entries.len() < self.most || entries.contains_key(&key);
        if room {
            entries.insert(key, (value, now.plus(self.life)));
        }
        room
    }

    /// Takes what waits under `key`, if it still lives.
    pub(crate) fn take(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(key).filter(|(_, dies)| now < *dies).map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_taken_once_dies_and_has_its_limit() {
        let at = Timestamp::from_millis;
        let waiting = Waiting::new(2, Span::seconds(1));
        assert!(waiting.put("a", 1, at(0)) && waiting.put("b", 2, at(0)));
        assert!(!waiting.put("c", 3, at(999)), "full");
        assert!(waiting.put("a", 4, at(999)), "replaces itself");
        assert_eq!((waiting.take(&"a", at(999)), waiting.take(&"a", at(999))), (Some(4), None));
        assert_eq!(waiting.take(&"b", at(1_000)), None, "dead");
    }
}
