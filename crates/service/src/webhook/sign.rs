//! The Standard Webhooks scheme: HMAC-SHA256 over `id.timestamp.body`, sent as `v1,<base64>`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A shop refuses events whose timestamp is further away than this many seconds.
pub const TOLERANCE_SECONDS: i64 = 300;
const PREFIX: &str = "whsec_";

/// `whsec_` and the base64 of the key.
pub fn secret_text(key: &[u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(key))
}

/// The value of `webhook-signature`; `None` when the secret is not a `whsec_…` text.
pub fn signature(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Why an event is not taken for ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("the secret is not a `whsec_…` text")]
    Secret,
    #[error(
        "it was signed {0} seconds ago, and {TOLERANCE_SECONDS} are allowed: an old delivery, or a clock that is wrong"
    )]
    TooOld(u64),
    #[error("it was signed {0} seconds in the future: one of the clocks is wrong")]
    TooNew(u64),
    #[error("`webhook-signature` has no signature of version v1")]
    NoSignature,
    #[error(
        "no signature fits: another secret, or id, timestamp or body were changed on the way (sign the raw body, before it is parsed)"
    )]
    Mismatch,
}

/// For shops: why an event is not ours, or not recent. `header` may hold several signatures, space separated.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(secret: &str, id: &str, timestamp: i64, body: &[u8], header: &str, now: i64) -> Result<(), Unverified> {
    let expected = signature(secret, id, timestamp, body).ok_or(Unverified::Secret)?;
    let away = timestamp.abs_diff(now);
    if away > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(if timestamp < now { Unverified::TooOld(away) } else { Unverified::TooNew(away) });
    }
    if !header.split(' ').any(|given| given.starts_with("v1,")) {
        return Err(Unverified::NoSignature);
    }
    let fits = header.split(' ').any(|given| bool::from(given.as_bytes().ct_eq(expected.as_bytes())));
    if fits { Ok(()) } else { Err(Unverified::Mismatch) }
}

/// For shops: whether the event is ours and recent.
pub fn verify(secret: &str, id: &str, timestamp: i64, body: &[u8], header: &str, now: i64) -> bool {
    check(secret, id, timestamp, body, header, now).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's reference libraries.
    #[test]
    fn agrees_with_the_reference_vector() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = signature(secret, id, 1_614_265_330, body);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn refuses_old_changed_and_foreign_events() {
        let secret = secret_text(&[7; 32]);
        let header = signature(&secret, "evt_1", 1_000, b"{}").unwrap();
        assert!(verify(&secret, "evt_1", 1_000, b"{}", &header, 1_200));
        assert!(!verify(&secret, "evt_1", 1_000, b"{}", &header, 1_301));
        assert!(!verify(&secret, "evt_1", 1_000, b"{ }", &header, 1_000));
        assert!(!verify(&secret, "evt_2", 1_000, b"{}", &header, 1_000));
        assert!(!verify(&secret_text(&[8; 32]), "evt_1", 1_000, b"{}", &header, 1_000));
        let two = format!("{} {header}", signature(&secret_text(&[8; 32]), "evt_1", 1_000, b"{}").unwrap());
        assert!(verify(&secret, "evt_1", 1_000, b"{}", &two, 1_000), "one of two is enough");
        let why = |header: &str, now| check(&secret, "evt_1", 1_000, b"{}", header, now);
        assert_eq!(why(&header, 1_400), Err(Unverified::TooOld(400)));
        assert_eq!(why(&header, 500), Err(Unverified::TooNew(500)));
        assert_eq!(why("v0,x", 1_000), Err(Unverified::NoSignature));
        assert_eq!(why("v1,x", 1_000), Err(Unverified::Mismatch));
        assert_eq!(check("x", "evt_1", 1_000, b"{}", &header, 1_000), Err(Unverified::Secret));
    }
}
