//! Failures of a device on an account. The rules are `decide::lock`'s, the memory is the store's.

use base::{AccountId, Method, Span, Timestamp};
use decide::{Gate, LockState};
use store::DeviceKey;

use crate::app::App;
use crate::device::{Device, Place};
use crate::error::{Error, Result};

/// For how long so many failures lock, as `decide` says.
pub(crate) fn lock_rule(failures: u32) -> Option<Span> {
    let at = Timestamp::from_millis(0);
    match (LockState { failures, last_failure: Some(at) }).gate(at) {
        Gate::Waiting { until } => Some(until.since(at)),
        Gate::Open { .. } => None,
    }
}

impl App {
    pub(crate) fn device_key(&self, device: &Device, account: AccountId) -> DeviceKey {
        DeviceKey(self.tokens.device_key(device, &account.to_string()))
    }

    pub(crate) fn place(&self, device: &Device, account: AccountId) -> Place {
        self.tokens.place(device, &account.to_string())
    }

    /// What failures of one method on this device are counted under: another method stays open, and unlocks this one.
    pub(crate) fn method_key(&self, device: DeviceKey, method: Method) -> DeviceKey {
        DeviceKey(self.tokens.mac(method.as_str(), &hex::encode(device.0)))
    }

    /// A success by one method forgets the failures of every method on this device.
    pub(crate) async fn unlock(&self, device: DeviceKey, account: AccountId) -> Result<()> {
        for method in Method::ALL {
            self.count_success(self.method_key(device, method), account).await?;
        }
        Ok(())
    }

    /// What is remembered of this device on this account.
    pub(crate) async fn lock_state(&self, key: DeviceKey, account: AccountId) -> Result<LockState> {
        let record = self.store.failures(account, key).await?;
        Ok(LockState { failures: record.failures, last_failure: record.last_at })
    }

    /// Refuses while the device is paused on this account; forgets what is a quiet day old.
    pub(crate) async fn check_pause(&self, key: DeviceKey, account: AccountId) -> Result<()> {
        let state = self.lock_state(key, account).await?;
        match state.gate(self.now()) {
            Gate::Waiting { until } => Err(Error::Paused { until }),
            Gate::Open { left } => {
                if left == decide::lock::FAILURES_BEFORE_LOCK && state.failures > 0 {
                    self.store.clear_failures(account, key).await?;
                }
                Ok(())
            }
        }
    }

    pub(crate) async fn count_failure(&self, key: DeviceKey, account: AccountId) -> Result<()> {
        self.store.record_failure(account, key, lock_rule, self.now()).await?;
        Ok(())
    }

    pub(crate) async fn count_success(&self, key: DeviceKey, account: AccountId) -> Result<()> {
        // Nothing to forget is the usual case, and costs no commit.
        if self.store.failures(account, key).await?.failures > 0 {
            self.store.clear_failures(account, key).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stores_rule_is_decides_rule() {
        assert_eq!(lock_rule(4), None);
        assert_eq!(lock_rule(5), Some(Span::minutes(1)));
        assert!(lock_rule(6) > lock_rule(5));
    }
}
