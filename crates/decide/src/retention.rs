//! How long something enrolled is kept that nobody uses.

use base::{Method, Span};
use serde::{Deserialize, Serialize};

use crate::policy::PolicyError;

/// By purpose. Paying is the only one that keeps templates; the consents for the others end with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionPolicy {
    pub payment: KeptDays,
}

/// Days without use after which a template is erased, by method. Storage limitation (GDPR art. 5(1)(e); PIPL art. 19) asks for
/// the shortest time that the purpose needs; a year lets a face for a yearly purchase live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeptDays {
    pub face: u16,
    pub voice: u16,
    /// A tattoo or a pet.
    pub kungfu: u16,
}

/// Shorter would erase between two monthly purchases; longer is no limit.
const SENSIBLE: std::ops::RangeInclusive<u16> = 30..=1_830;

impl Default for KeptDays {
    fn default() -> Self {
        Self { face: 365, voice: 365, kungfu: 365 }
    }
}

impl RetentionPolicy {
    /// How long a payer's template of `method` is kept without use; `None` for methods that keep none.
    pub fn unused(&self, method: Method) -> Option<Span> {
        match method {
            Method::Face => Some(Span::days(i64::from(self.payment.face))),
            Method::Voice => Some(Span::days(i64::from(self.payment.voice))),
            Method::Kungfu => Some(Span::days(i64::from(self.payment.kungfu))),
            _ => None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let out = |name| PolicyError::OutOfRange { name, low: "30 days", high: "1830 days" };
        SENSIBLE.contains(&self.payment.face).then_some(()).ok_or(out("retention.payment.face"))?;
        SENSIBLE.contains(&self.payment.kungfu).then_some(()).ok_or(out("retention.payment.kungfu"))?;
        SENSIBLE.contains(&self.payment.voice).then_some(()).ok_or(out("retention.payment.voice"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sensible_times_are_taken() {
        let policy = |face, voice| RetentionPolicy { payment: KeptDays { face, voice, kungfu: 365 } };
        assert_eq!(RetentionPolicy::default().check(), Ok(()));
        assert!(policy(29, 365).check().is_err() && policy(365, 1_831).check().is_err());
        assert_eq!(policy(30, 40).unused(Method::Voice), Some(Span::days(40)));
        assert_eq!(policy(30, 40).unused(Method::Passkey), None);
    }
}
