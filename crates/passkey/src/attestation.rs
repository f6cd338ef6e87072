//! Which makes of devices an operator takes. The default takes any and asks nothing: attestation names maker and model.

use std::collections::BTreeMap;

use uuid::Uuid;
use webauthn_rs::prelude::{AttestationCaList, AttestationCaListBuilder};

use crate::PasskeyError;
use crate::limits::{ATTESTATION_ROOTS, ATTESTED_DEVICES};

/// What a new device must show of its make.
#[derive(Clone, Debug, Default)]
pub enum Attestation {
    /// Nothing is asked.
    #[default]
    None,
    /// A statement that chains to one of these roots; with a list, of one of these models only.
    Required(Roots),
}

/// Roots that are trusted, and models (AAGUIDs) where only some are.
#[derive(Clone, Debug)]
pub struct Roots(pub(crate) AttestationCaList);

impl Attestation {
    /// `roots`: certificates as PEM, one each. `models`: AAGUIDs; empty: whatever the roots vouch for.
    ///
    /// # Errors
    /// [`PasskeyError::Attestation`]: none or too many of them, or something that is no certificate.
    pub fn required(roots: &[Vec<u8>], models: &[Uuid]) -> Result<Self, PasskeyError> {
        if roots.is_empty() || roots.len() > ATTESTATION_ROOTS || models.len() > ATTESTED_DEVICES {
            return Err(PasskeyError::Attestation);
        }
        let wrong = |_| PasskeyError::Attestation;
        if models.is_empty() {
            let mut all = AttestationCaList::default();
            for root in roots {
                all.union(&AttestationCaList::try_from(root.as_slice()).map_err(wrong)?);
            }
            return Ok(Self::Required(Roots(all)));
        }
        let mut listed = AttestationCaListBuilder::new();
        for root in roots {
            for model in models {
                listed.insert_device_pem(root, *model, String::new(), BTreeMap::new()).map_err(wrong)?;
            }
        }
        Ok(Self::Required(Roots(listed.build())))
    }

    pub const fn is_required(&self) -> bool {
        matches!(self, Self::Required(_))
    }
}

#[cfg(test)]
mod tests {
    use base::AccountId;
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};
    use p256::pkcs8::DecodePrivateKey;
    use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
    use serde_json::{Value, json};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::RelyingParty;
    use crate::register::{base64url, from_base64url};

    const MODEL: Uuid = Uuid::from_u128(0x1111_2222_3333_4444_5555_6666_7777_8888);
    /// id-fido-gen-ce-aaguid.
    const AAGUID_OID: [u64; 9] = [1, 3, 6, 1, 4, 1, 45724, 1, 1];

    /// A maker with a root of its own.
    struct Maker {
        root: String,
        issuer: Issuer<'static, KeyPair>,
    }

    impl Maker {
        fn new(name: &str) -> Self {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            let root = params.self_signed(&key).unwrap().pem();
            Self { root, issuer: Issuer::new(params, key) }
        }

        fn roots(&self) -> Vec<Vec<u8>> {
            vec![self.root.clone().into_bytes()]
        }

        /// The attestation key of a model and its certificate, after WebAuthn § 8.2.1.
        fn model(&self, model: Uuid) -> (SigningKey, Vec<u8>) {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CountryName, "DE");
            params.distinguished_name.push(DnType::OrganizationName, "Maker");
            params.distinguished_name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
            params.distinguished_name.push(DnType::CommonName, "Model");
            params.is_ca = IsCa::ExplicitNoCa;
            let oid: Vec<u64> = AAGUID_OID.into_iter().chain([4]).collect();
            let octets = [&[4, 16][..], model.as_bytes()].concat();
            params.custom_extensions = vec![CustomExtension::from_oid_content(&oid, octets)];
            let certificate = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
            (SigningKey::from_pkcs8_der(&key.serialize_der()).unwrap(), certificate)
        }
    }

    fn bytes(data: &[u8]) -> Vec<u8> {
        let head = if data.len() < 24 {
            vec![0x40 | u8::try_from(data.len()).unwrap()]
        } else {
            let length = u16::try_from(data.len()).unwrap().to_be_bytes();
            vec![0x59, length[0], length[1]]
        };
        [head, data.to_vec()].concat()
    }

    fn word(text: &str) -> Vec<u8> {
        [&[0x60 | u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat()
    }

    /// What a device answers to `options`; `attested` signs for its make.
    fn answer(options: &Value, model: Uuid, attested: Option<&(SigningKey, Vec<u8>)>) -> Value {
        let own = SigningKey::from_slice(&[9; 32]).unwrap();
        let point = own.verifying_key().to_sec1_point(false);
        let challenge = options["publicKey"]["challenge"].as_str().unwrap();
        let client = json!({"type": "webauthn.create", "challenge": challenge, "origin": "http://localhost:8080"});
        let client = client.to_string().into_bytes();
        // COSE: EC2, ES256, P-256, x, y.
        let key = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
            point.x().unwrap(),
            &[0x22, 0x58, 32],
            point.y().unwrap(),
        ]
        .concat();
        let id = [7_u8; 16];
        let auth =
            [&Sha256::digest(b"localhost")[..], &[0x45, 0, 0, 0, 1], model.as_bytes(), &[0, 16], &id, &key].concat();
        let object = match attested {
            None => {
                [&[0xa3][..], &word("fmt"), &word("none"), &word("attStmt"), &[0xa0], &word("authData"), &bytes(&auth)]
                    .concat()
            }
            Some((key, certificate)) => {
                let signed = [&auth[..], &Sha256::digest(&client)].concat();
                let signature: Signature = key.sign(&signed);
                let statement = [
                    &[0xa3][..],
                    &word("alg"),
                    &[0x26],
                    &word("sig"),
                    &bytes(signature.to_der().as_bytes()),
                    &word("x5c"),
                    &[0x81],
                    &bytes(certificate),
                ]
                .concat();
                [
                    &[0xa3][..],
                    &word("fmt"),
                    &word("packed"),
                    &word("attStmt"),
                    &statement,
                    &word("authData"),
                    &bytes(&auth),
                ]
                .concat()
            }
        };
        json!({"id": base64url(&id), "rawId": base64url(&id), "type": "public-key", "response": {
            "clientDataJSON": base64url(&client), "attestationObject": base64url(&object)}})
    }

    /// Whether a device is taken by a server with `policy`.
    fn takes(policy: &Attestation, device: impl Fn(&Value) -> Value) -> bool {
        let party = RelyingParty::new("http://localhost:8080").unwrap();
        let account = AccountId::from_uuid(Uuid::from_u128(3));
        let (options, registration) = party.start(account, "ada@example.org", "Ada", &[], policy).unwrap();
        let asked = options["publicKey"]["attestation"].as_str().unwrap();
        assert_eq!(asked, if policy.is_required() { "direct" } else { "none" });
        let answer = device(&options);
        assert!(from_base64url(answer["rawId"].as_str().unwrap()).is_ok());
        party.finish(&registration, &answer).is_ok()
    }

    #[test]
    fn by_default_any_device_is_taken_and_nothing_is_asked() {
        assert!(takes(&Attestation::None, |options| answer(options, Uuid::nil(), None)));
    }

    #[test]
    fn required_means_a_root_that_is_trusted() {
        let (ours, others) = (Maker::new("Our maker"), Maker::new("Another maker"));
        let policy = Attestation::required(&ours.roots(), &[]).unwrap();
        let (good, foreign) = (ours.model(MODEL), others.model(MODEL));
        assert!(takes(&policy, |o| answer(o, MODEL, Some(&good))));
        assert!(!takes(&policy, |o| answer(o, MODEL, Some(&foreign))), "another root");
        assert!(!takes(&policy, |o| answer(o, MODEL, None)), "no statement");
        let swapped = (SigningKey::from_slice(&[5; 32]).unwrap(), good.1.clone());
        assert!(!takes(&policy, |o| answer(o, MODEL, Some(&swapped))), "signed by another key than the certificate's");
        assert!(!takes(&policy, |o| answer(o, Uuid::nil(), Some(&good))), "another model than the certificate's");
    }

    #[test]
    fn a_list_takes_its_models_only() {
        let maker = Maker::new("Our maker");
        let other_model = Uuid::from_u128(42);
        let policy = Attestation::required(&maker.roots(), &[MODEL]).unwrap();
        let (listed, unlisted) = (maker.model(MODEL), maker.model(other_model));
        assert!(takes(&policy, |o| answer(o, MODEL, Some(&listed))));
        assert!(!takes(&policy, |o| answer(o, other_model, Some(&unlisted))));
        assert!(!takes(&policy, |o| answer(o, MODEL, None)));
    }

    #[test]
    fn what_is_no_root_is_refused() {
        assert!(Attestation::required(&[], &[]).is_err());
        assert!(Attestation::required(&[b"not a certificate".to_vec()], &[]).is_err());
        assert!(Attestation::required(&[b"not a certificate".to_vec()], &[MODEL]).is_err());
        let maker = Maker::new("Our maker");
        assert!(Attestation::required(&maker.roots(), &[MODEL; ATTESTED_DEVICES + 1]).is_err());
    }
}
