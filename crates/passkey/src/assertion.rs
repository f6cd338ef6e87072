//! What a device signed, checked field by field (WebAuthn level 3, § 7.2; Secure Payment Confirmation, § 8).

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::limits::{ANSWER_BYTES, CEREMONY_MS, CREDENTIAL_ID_BYTES};
use crate::register::{base64url, from_base64url};
use crate::{Credential, PasskeyError, RelyingParty, Terms};

/// Flags of the authenticator data: somebody was there; the device knew who.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
/// RP id hash, flags, counter.
const FIXED_BYTES: usize = 32 + 1 + 4;

/// A device's answer, as the browser sends it.
pub struct Assertion {
    credential: Vec<u8>,
    user: Option<Vec<u8>>,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
}

/// What the answer must be for.
#[derive(Clone, Copy)]
pub enum Expected<'a> {
    /// Signing in: a challenge that the server drew.
    SignIn { challenge: [u8; 32] },
    /// Paying, by a passkey or by Secure Payment Confirmation.
    Payment { terms: &'a Terms<'a> },
}

/// Which dialogue the payer saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The browser's passkey dialogue; the terms are in the challenge's hash.
    Passkey,
    /// The browser itself showed amount and payee, and the device signed what was shown.
    Payment,
}

/// An accepted answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The device's signature counter; 0 when it keeps none.
    pub counter: u32,
    pub shown: Shown,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    raw_id: String,
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "authenticatorData")]
    authenticator_data: String,
    signature: String,
    #[serde(rename = "userHandle")]
    user_handle: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    payment: Option<Payment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    rp_id: String,
    top_origin: String,
    payee_name: Option<String>,
    payee_origin: Option<String>,
    total: Total,
}

#[derive(Deserialize)]
struct Total {
    value: String,
    currency: String,
}

impl Assertion {
    /// Reads what `PublicKeyCredential.toJSON()` gives.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`].
    pub fn parse(answer: &Value) -> Result<Self, PasskeyError> {
        if answer.to_string().len() > ANSWER_BYTES {
            return Err(PasskeyError::Malformed);
        }
        let Answer { raw_id, response } = Answer::deserialize(answer).map_err(|_| PasskeyError::Malformed)?;
        let credential = from_base64url(&raw_id)?;
        if credential.is_empty() || credential.len() > CREDENTIAL_ID_BYTES {
            return Err(PasskeyError::Malformed);
        }
        let user = response.user_handle.filter(|u| !u.is_empty()).as_deref().map(from_base64url).transpose()?;
        Ok(Self {
            credential,
            user,
            client_data: from_base64url(&response.client_data)?,
            authenticator_data: from_base64url(&response.authenticator_data)?,
            signature: from_base64url(&response.signature)?,
        })
    }

    /// Which credential says that it signed.
    pub fn credential(&self) -> &[u8] {
        &self.credential
    }

    /// The account's id as the device remembers it, for signing in without an address.
    pub fn user(&self) -> Option<&[u8]> {
        self.user.as_deref()
    }

    /// The challenge that was answered, not yet checked: to find the ceremony it belongs to.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`].
    pub fn challenge(&self) -> Result<[u8; 32], PasskeyError> {
        from_base64url(&self.client_data()?.challenge)?.try_into().map_err(|_| PasskeyError::WrongChallenge)
    }

    fn client_data(&self) -> Result<ClientData, PasskeyError> {
        serde_json::from_slice(&self.client_data).map_err(|_| PasskeyError::Malformed)
    }
}

impl RelyingParty {
    /// Options for `navigator.credentials.get`; no `allowed` ids: any passkey of this site.
    pub fn request(&self, challenge: &[u8; 32], allowed: &[Vec<u8>]) -> Value {
        let allowed: Vec<Value> = allowed.iter().map(|id| json!({"type": "public-key", "id": base64url(id)})).collect();
        json!({"publicKey": {
            "challenge": base64url(challenge),
            "rpId": self.id,
            "timeout": CEREMONY_MS,
            "userVerification": "required",
            "allowCredentials": allowed,
        }})
    }

    /// Data of the payment method `secure-payment-confirmation`, and the total, for `new PaymentRequest`.
    pub fn payment_request(&self, terms: &Terms<'_>, icon: &str, allowed: &[Vec<u8>]) -> Value {
        let ids: Vec<String> = allowed.iter().map(|id| base64url(id)).collect();
        json!({
            "data": {
                "credentialIds": ids,
                "challenge": base64url(&terms.challenge()),
                "rpId": self.id,
                "timeout": CEREMONY_MS,
                "payeeName": terms.payee_name,
                "instrument": {"displayName": "Smilepay", "icon": format!("{}{icon}", self.origin), "iconMustBeShown": false},
            },
            "total": {"label": terms.payee_name, "amount": {"value": terms.value(), "currency": terms.amount.currency().code()}},
        })
    }

    /// Checks that `credential` signed exactly what is expected, here, by a verified user.
    ///
    /// The counter is returned, not judged: it lives with the credential's row.
    ///
    /// # Errors
    /// The first [`PasskeyError`] found; every one of them means: not accepted.
    pub fn verify(
        &self,
        credential: &Credential,
        assertion: &Assertion,
        expected: Expected<'_>,
    ) -> Result<Signed, PasskeyError> {
        let client = assertion.client_data()?;
        let shown = self.check_client(&client, expected)?;
        let counter = self.check_authenticator(&assertion.authenticator_data)?;
        let signed = [&assertion.authenticator_data[..], &Sha256::digest(&assertion.client_data)].concat();
        match credential.key.verify_signature(&assertion.signature, &signed) {
            Ok(true) => Ok(Signed { counter, shown }),
            _ => Err(PasskeyError::BadSignature),
        }
    }

    fn check_client(&self, client: &ClientData, expected: Expected<'_>) -> Result<Shown, PasskeyError> {
        let (challenge, terms) = match expected {
            Expected::SignIn { challenge } => (challenge, None),
            Expected::Payment { terms } => (terms.challenge(), Some(terms)),
        };
        let given = from_base64url(&client.challenge)?;
        if !bool::from(given.ct_eq(&challenge)) {
            return Err(PasskeyError::WrongChallenge);
        }
        if client.origin != self.origin || client.cross_origin {
            return Err(PasskeyError::WrongOrigin);
        }
        match (client.kind.as_str(), &client.payment, terms) {
            ("webauthn.get", None, _) => Ok(Shown::Passkey),
            ("payment.get", Some(payment), Some(terms)) => {
                self.check_payment(payment, terms)?;
                Ok(Shown::Payment)
            }
            _ => Err(PasskeyError::WrongKind),
        }
    }

    /// What the browser showed must be what is paid, to the cent and the letter.
    fn check_payment(&self, payment: &Payment, terms: &Terms<'_>) -> Result<(), PasskeyError> {
        let payee = payment.payee_name.as_deref() == Some(terms.payee_name) && payment.payee_origin.is_none();
        let total = payment.total.value == terms.value() && payment.total.currency == terms.amount.currency().code();
        let here = payment.rp_id == self.id && payment.top_origin == self.origin;
        if payee && total && here { Ok(()) } else { Err(PasskeyError::WrongPayment) }
    }

    fn check_authenticator(&self, data: &[u8]) -> Result<u32, PasskeyError> {
        let (fixed, _extensions) = data.split_first_chunk::<FIXED_BYTES>().ok_or(PasskeyError::Malformed)?;
        let (party, rest) = fixed.split_at(32);
        let (flags, counter) = rest.split_first().ok_or(PasskeyError::Malformed)?;
        if party != Sha256::digest(self.id.as_bytes()).as_slice() {
            return Err(PasskeyError::WrongRelyingParty);
        }
        if flags & PRESENT == 0 {
            return Err(PasskeyError::NotPresent);
        }
        if flags & VERIFIED == 0 {
            return Err(PasskeyError::NotVerified);
        }
        let counter: [u8; 4] = counter.try_into().map_err(|_| PasskeyError::Malformed)?;
        Ok(u32::from_be_bytes(counter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, ChallengeId, IntentId, MerchantId};
    use money::{Currency, Money};
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};
    use uuid::Uuid;

    const ORIGIN: &str = "http://localhost:8080";
    const PAYEE: &str = "Hannover Philatelie";

    fn terms(cents: i64) -> Terms<'static> {
        Terms {
            intent: IntentId::from_uuid(Uuid::from_u128(1)),
            amount: Money::new(cents, Currency::EUR),
            payee: MerchantId::from_uuid(Uuid::from_u128(2)),
            payee_name: PAYEE,
            account: AccountId::from_uuid(Uuid::from_u128(3)),
            challenge: ChallengeId::from_uuid(Uuid::from_u128(4)),
            nonce: [7; 32],
        }
    }

    /// A device in software, whose every field a test may bend before it signs.
    struct Device {
        key: SigningKey,
        party: String,
        flags: u8,
        counter: u32,
    }

    impl Device {
        fn new() -> Self {
            let key = SigningKey::from_slice(&[5; 32]).unwrap();
            Self { key, party: "localhost".into(), flags: PRESENT | VERIFIED, counter: 9 }
        }

        fn credential(&self) -> Credential {
            let point = self.key.verifying_key().to_sec1_point(false);
            let (x, y) = (base64url(point.x().unwrap()), base64url(point.y().unwrap()));
            let key = json!({"type_": "ES256", "key": {"EC_EC2": {"curve": "SECP256R1", "x": x, "y": y}}});
            Credential::from_stored(vec![1, 2, 3], &key.to_string()).unwrap()
        }

        fn sign(&self, client: &Value) -> Assertion {
            let client_data = client.to_string().into_bytes();
            let head = Sha256::digest(self.party.as_bytes());
            let authenticator_data = [head.as_slice(), &[self.flags], &self.counter.to_be_bytes()].concat();
            let signed = [&authenticator_data[..], &Sha256::digest(&client_data)].concat();
            let signature: Signature = self.key.sign(&signed);
            let signature = signature.to_der().as_bytes().to_vec();
            Assertion { credential: vec![1, 2, 3], user: None, client_data, authenticator_data, signature }
        }
    }

    fn get(challenge: [u8; 32]) -> Value {
        json!({"type": "webauthn.get", "challenge": base64url(&challenge), "origin": ORIGIN, "crossOrigin": false})
    }

    fn payment(challenge: [u8; 32], value: &str) -> Value {
        json!({"type": "payment.get", "challenge": base64url(&challenge), "origin": ORIGIN, "crossOrigin": false,
            "payment": {"rpId": "localhost", "topOrigin": ORIGIN, "payeeName": PAYEE,
                "total": {"value": value, "currency": "EUR"},
                "instrument": {"displayName": "Smilepay", "icon": "x"}}})
    }

    fn verify(device: &Device, client: &Value, paid: &Terms<'_>) -> Result<Signed, PasskeyError> {
        let party = RelyingParty::new(ORIGIN).unwrap();
        party.verify(&device.credential(), &device.sign(client), Expected::Payment { terms: paid })
    }

    #[test]
    fn what_was_signed_for_this_payment_is_accepted_in_both_kinds() {
        let (device, terms) = (Device::new(), terms(2_000));
        let signed = verify(&device, &get(terms.challenge()), &terms);
        assert_eq!(signed, Ok(Signed { counter: 9, shown: Shown::Passkey }));
        let signed = verify(&device, &payment(terms.challenge(), "20.00"), &terms);
        assert_eq!(signed, Ok(Signed { counter: 9, shown: Shown::Payment }));
    }

    #[test]
    fn every_change_of_the_terms_changes_the_challenge() {
        let (device, signed) = (Device::new(), get(terms(2_000).challenge()));
        let now = terms(2_000);
        let other = |n| Uuid::from_u128(n);
        let changes = [
            terms(2_001),
            Terms { amount: Money::new(2_000, Currency::USD), ..now },
            Terms { intent: IntentId::from_uuid(other(9)), ..now },
            Terms { payee: MerchantId::from_uuid(other(9)), ..now },
            Terms { payee_name: "Somebody else", ..now },
            Terms { account: AccountId::from_uuid(other(9)), ..now },
            Terms { challenge: ChallengeId::from_uuid(other(9)), ..now },
            Terms { nonce: [8; 32], ..now },
        ];
        for changed in changes {
            assert_eq!(verify(&device, &signed, &changed), Err(PasskeyError::WrongChallenge), "{changed:?}");
        }
    }

    #[test]
    fn what_the_browser_showed_must_be_what_is_paid() {
        let (device, terms) = (Device::new(), terms(2_000));
        let shown = |change: &dyn Fn(&mut Value)| {
            let mut client = payment(terms.challenge(), "20.00");
            change(&mut client);
            verify(&device, &client, &terms)
        };
        let wrong = Err(PasskeyError::WrongPayment);
        assert_eq!(shown(&|c| c["payment"]["total"]["value"] = json!("2.00")), wrong);
        assert_eq!(shown(&|c| c["payment"]["total"]["value"] = json!("20.0")), wrong);
        assert_eq!(shown(&|c| c["payment"]["total"]["currency"] = json!("USD")), wrong);
        assert_eq!(shown(&|c| c["payment"]["payeeName"] = json!("Somebody else")), wrong);
        assert_eq!(shown(&|c| c["payment"]["payeeOrigin"] = json!("https://evil.example")), wrong);
        assert_eq!(shown(&|c| c["payment"]["rpId"] = json!("evil.example")), wrong);
        assert_eq!(shown(&|c| c["payment"]["topOrigin"] = json!("https://evil.example")), wrong);
        // A payment dialogue's answer is no sign-in, and a sign-in's answer has no payment in it.
        assert_eq!(shown(&|c| c["type"] = json!("webauthn.get")), Err(PasskeyError::WrongKind));
        assert_eq!(shown(&|c| drop(c.as_object_mut().unwrap().remove("payment"))), Err(PasskeyError::WrongKind));
        assert_eq!(shown(&|c| c["type"] = json!("webauthn.create")), Err(PasskeyError::WrongKind));
    }

    #[test]
    fn another_site_another_party_nobody_there_and_a_changed_byte_are_refused() {
        let terms = terms(2_000);
        let client = |change: &dyn Fn(&mut Value)| {
            let mut client = get(terms.challenge());
            change(&mut client);
            client
        };
        let good = client(&|_| ());
        let at = |origin| client(&|c| c["origin"] = json!(origin));
        for origin in ["http://localhost:8081", "https://localhost:8080", "http://localhost:8080.evil.example", ""] {
            assert_eq!(verify(&Device::new(), &at(origin), &terms), Err(PasskeyError::WrongOrigin), "{origin}");
        }
        let framed = client(&|c| c["crossOrigin"] = json!(true));
        assert_eq!(verify(&Device::new(), &framed, &terms), Err(PasskeyError::WrongOrigin));
        let party = Device { party: "evil.example".into(), ..Device::new() };
        assert_eq!(verify(&party, &good, &terms), Err(PasskeyError::WrongRelyingParty));
        let absent = Device { flags: VERIFIED, ..Device::new() };
        assert_eq!(verify(&absent, &good, &terms), Err(PasskeyError::NotPresent));
        let unverified = Device { flags: PRESENT, ..Device::new() };
        assert_eq!(verify(&unverified, &good, &terms), Err(PasskeyError::NotVerified));
        let device = Device::new();
        let mut assertion = device.sign(&good);
        assertion.authenticator_data[36] ^= 1;
        let relying = RelyingParty::new(ORIGIN).unwrap();
        let expected = Expected::Payment { terms: &terms };
        assert_eq!(relying.verify(&device.credential(), &assertion, expected), Err(PasskeyError::BadSignature));
        let other = Device { key: SigningKey::from_slice(&[6; 32]).unwrap(), ..Device::new() };
        let foreign = relying.verify(&device.credential(), &other.sign(&good), expected);
        assert_eq!(foreign, Err(PasskeyError::BadSignature));
    }

    #[test]
    fn what_is_no_answer_is_refused_and_an_address_is_no_relying_party() {
        for answer in [json!(null), json!({}), json!({"rawId": "AQ", "response": {}}), json!({"rawId": 7})] {
            assert!(Assertion::parse(&answer).is_err(), "{answer}");
        }
        assert!(Assertion::parse(&json!({"rawId": "A".repeat(40_000)})).is_err());
        assert!(RelyingParty::new("http://127.0.0.1:8080").is_err());
        assert!(RelyingParty::new("http://[::1]:8080").is_err());
        assert!(RelyingParty::new("").is_err());
    }
}
