//! The device an attempt comes from. A device that has signed in to an account carries a cookie bound to that account,
//! and counts for itself; every other one counts with its network address. So a stranger fills up only its own count.

use std::net::IpAddr;

use decide::Country;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What is known of the device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Value of its cookie, not yet checked.
    pub cookie: Option<String>,
    pub address: IpAddr,
    /// What the operator's proxy says of its country, not yet checked.
    pub country: Option<String>,
}

/// Where an attempt comes from, as the rules of risk see it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The payer has signed in on this device before.
    pub(crate) known: bool,
    pub(crate) country: Option<Country>,
}

impl Place {
    /// A shop's own device: the payer has not signed in there, and what a proxy says of it is the shop's country.
    pub(crate) const KIOSK: Self = Self { known: false, country: None };
}

impl Default for Place {
    /// Of challenges from before places were kept.
    fn default() -> Self {
        Self { known: true, country: None }
    }
}

/// Signs what must be recognised again without being stored: device cookies and client secrets.
pub struct TokenKey(Zeroizing<[u8; 32]>);

/// Longest cookie looked at.
const COOKIE_BYTES: usize = 200;

impl TokenKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A MAC over purpose and text; different purposes never collide.
    pub(crate) fn mac(&self, purpose: &str, text: &str) -> [u8; 32] {
        // HMAC takes keys of any length; this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else { return [0; 32] };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The cookie of a device on which `who` has proven to be itself. `random`: 64 hexadecimal digits.
    pub(crate) fn device_cookie(&self, random: &str, who: &str) -> String {
        format!("{random}.{}", hex::encode(self.mac("device", &format!("{who}/{random}"))))
    }

    /// Where `device` is, for `who`.
    pub(crate) fn place(&self, device: &Device, who: &str) -> Place {
        let country = device.country.as_deref().and_then(|code| code.trim().parse().ok());
        Place { known: self.known(device, who).is_some(), country }
    }

    /// The random part of the cookie, if it is one of this account's.
    fn known<'d>(&self, device: &'d Device, who: &str) -> Option<&'d str> {
        let cookie = device.cookie.as_deref().filter(|c| c.len() <= COOKIE_BYTES)?;
        let (random, mac) = cookie.split_once('.')?;
        let expected = hex::encode(self.mac("device", &format!("{who}/{random}")));
        bool::from(expected.as_bytes().ct_eq(mac.as_bytes())).then_some(random)
    }

    /// What failures of this device on `who` are counted under.
    pub(crate) fn device_key(&self, device: &Device, who: &str) -> [u8; 32] {
        match self.known(device, who) {
            Some(random) => self.mac("known device", random),
            None => Sha256::digest(format!("address {}", network(device.address))).into(),
        }
    }
}

/// One household shares an IPv6 /64.
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
    fn a_made_up_or_foreign_cookie_counts_with_the_address() {
        let key = TokenKey::new([3; 32]);
        let from = |cookie: Option<&str>| Device {
            cookie: cookie.map(str::to_owned),
            address: [10, 0, 0, 9].into(),
            country: None,
        };
        let stranger = key.device_key(&from(None), "acct_a");
        let cookie = key.device_cookie("00ff", "acct_a");
        assert_ne!(key.device_key(&from(Some(&cookie)), "acct_a"), stranger);
        assert_eq!(key.device_key(&from(Some("00ff.made-up")), "acct_a"), stranger);
        assert_eq!(key.device_key(&from(Some(&cookie)), "acct_b"), stranger, "good on its own account only");
    }
}
