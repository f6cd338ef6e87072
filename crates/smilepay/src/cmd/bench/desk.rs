//! One worker's desk: everything that turns a picture into a decision, as the server does it, on one thread.

use std::sync::Arc;
use std::time::Instant;

use base::{AccountId, IntentId, MerchantId, Method, TemplateId, Timestamp};
use decide::{
    Binding, ChallengeKind, Cosine, Evidence, FaceCase, FaceMatch, LockState, MatchSize, Mode, PayerHistory, Policy,
    Signals, decide_face,
};
use face::{Analyzer, DecodeLimits, Detection, Picture, Template};
use money::{Currency, Money};
use uuid::Uuid;
use vault::{Features, Label, SealedTemplate, Vault};

use super::verify::VerifyError;

/// Milliseconds of one verification, stage by stage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages {
    pub decode: f64,
    pub detect: f64,
    pub embed: f64,
    /// Comparing under the template's rotation, unsealing included.
    pub compare: f64,
    pub decide: f64,
}

impl Stages {
    pub fn total(&self) -> f64 {
        self.decode + self.detect + self.embed + self.compare + self.decide
    }
}

/// A template as the server keeps it.
pub struct Enrolled {
    vault: Vault,
    label: Label,
    sealed: SealedTemplate,
}

impl Enrolled {
    /// Seals the face in `jpeg`.
    pub fn new(vault: Vault, analyzer: &mut Analyzer, jpeg: &[u8]) -> Result<Arc<Self>, VerifyError> {
        let picture = Picture::decode(jpeg, &DecodeLimits::file())?;
        let found = analyzer.detect(&picture)?;
        let face = found.first().ok_or(VerifyError::NoFace)?;
        let features = features(&Template::from_views(&[(analyzer.embed(&picture, &face.points)?, 1.0)])?)?;
        let id = Uuid::from_u128(1948);
        let label =
            Label { account: AccountId::from_uuid(id), method: Method::Face, template: TemplateId::from_uuid(id) };
        let sealed = vault.seal(&label, &features)?;
        Ok(Arc::new(Self { vault, label, sealed }))
    }
}

fn features(template: &Template) -> Result<Features, VerifyError> {
    Ok(Features::new(template.expose_values().to_vec(), template.views(), 0.0, template.model())?)
}

/// One worker.
pub struct Desk {
    analyzer: Analyzer,
    enrolled: Arc<Enrolled>,
    policy: Policy,
    found: Vec<Detection>,
}

impl Desk {
    pub fn new(analyzer: Analyzer, enrolled: Arc<Enrolled>) -> Self {
        Self { analyzer, enrolled, policy: Policy::in_mode(Mode::Live), found: Vec::new() }
    }

    /// From JPEG to decision.
    pub fn verify(&mut self, jpeg: &[u8]) -> Result<Stages, VerifyError> {
        let start = Instant::now();
        let picture = Picture::decode(jpeg, &DecodeLimits::file())?;
        let decoded = Instant::now();
        self.analyzer.detect_into(&picture, &mut self.found)?;
        let detected = Instant::now();
        let face = self.found.first().ok_or(VerifyError::NoFace)?;
        let probe = Template::from_views(&[(self.analyzer.embed(&picture, &face.points)?, 1.0)])?;
        let embedded = Instant::now();
        let Enrolled { vault, label, sealed } = self.enrolled.as_ref();
        let compared_with = vault.compare(label, sealed, &features(&probe)?)?;
        let compared = Instant::now();
        let size = MatchSize { views: compared_with.views, frames: compared_with.frames };
        let matched = Cosine::new(compared_with.cosine).map(|score| FaceMatch { score, size });
        std::hint::black_box(self.decide(matched));
        let decided = Instant::now();
        let ms = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64() * 1e3;
        Ok(Stages {
            decode: ms(start, decoded),
            detect: ms(decoded, detected),
            embed: ms(detected, embedded),
            compare: ms(embedded, compared),
            decide: ms(compared, decided),
        })
    }

    /// The rules without a capture's evidence: a picture alone never pays, so this ends in *retake*.
    fn decide(&self, matched: Option<FaceMatch>) -> decide::Decision {
        let (id, now) = (Uuid::from_u128(1948), Timestamp::from_millis(1_800_000_000_000));
        let binding = Binding {
            intent: IntentId::from_uuid(id),
            amount: Money::new(2_000, Currency::EUR),
            payee: MerchantId::from_uuid(id),
            account: AccountId::from_uuid(id),
            challenge: None,
        };
        let case = FaceCase {
            binding,
            challenge: ChallengeKind::Drawn,
            matched,
            eyes: None,
            evidence: &Evidence::default(),
            signals: Signals::default(),
            history: PayerHistory { enrolled_at: now, paid_24h: 0, circumstances: decide::Circumstances::QUIET },
            lock: LockState::CLEAR,
            tries_left: 2,
            earlier: Vec::new(),
            kiosk: None,
        };
        decide_face(&case, &self.policy, now)
    }

    /// The worker's analyzer, for measuring a whole capture.
    pub fn analyzer(&mut self) -> &mut Analyzer {
        &mut self.analyzer
    }
}
