//! Requests per address, in fixed windows.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::ADDRESSES_COUNTED;

/// Counts requests of an address (IPv6: of its /64) and says when it is too many.
pub struct RateLimiter {
    per_window: u32,
    window: Duration,
    counts: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl RateLimiter {
    pub fn new(per_window: u32, window: Duration) -> Self {
        Self { per_window, window, counts: Mutex::default() }
    }

    /// Counts a request; `Err` says how long to wait.
    pub fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= ADDRESSES_COUNTED {
            counts.retain(|_, (start, _)| now.duration_since(*start) < self.window);
            if counts.len() >= ADDRESSES_COUNTED {
                counts.clear();
            }
        }
        let (start, count) = counts.entry(network(address)).or_insert((now, 0));
        if now.duration_since(*start) >= self.window {
            (*start, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count > self.per_window { Err(self.window.saturating_sub(now.duration_since(*start))) } else { Ok(()) }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_per_network_and_forgets_after_the_window() {
        let rate = RateLimiter::new(2, Duration::from_secs(60));
        let (a, b, now) = ("2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap(), Instant::now());
        assert!(rate.take(a, now).is_ok());
        assert!(rate.take(b, now).is_ok());
        assert!(rate.take(a, now).is_err());
        assert!(rate.take("2001:db8:1::1".parse().unwrap(), now).is_ok());
        assert!(rate.take(a, now + Duration::from_secs(61)).is_ok());
    }
}
