//! The one struct that holds everything the use cases work with.

use std::sync::{Arc, OnceLock};

use base::{OperatorId, Timestamp};
use decide::Policy;
use store::Store;
use tokio::sync::Semaphore;
use uuid::Uuid;
use vault::Vault;

use crate::capture::{Analyze, Analyzers, Workers};
use crate::config::{AppConfig, Mode, StartError};
use crate::device::TokenKey;
use crate::duplicates::Duplicates;
use crate::error::{Error, Result};
use crate::faces::{FaceRoom, LocalRecogniser, Recogniser};
use crate::keys::{KeyRates, KeyUses};
use crate::kiosk::Kiosks;
use crate::limits::CAPTURES_AT_ONCE;
use crate::once::InFlight;
use crate::passkeys::Ceremonies;
use crate::passphrase::Passphrases;
use crate::ports::{Clock, Entropy, new_uuid};
use crate::renewal::Renewals;
use crate::session::LastUses;

/// What an [`App`] is made of.
pub struct AppParts {
    pub config: AppConfig,
    pub store: Store,
    pub vault: Vault,
    pub analyzers: Arc<dyn Analyzers>,
    /// Its mode is set from `config`.
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Signs client secrets and device cookies; must stay the same over restarts.
    pub token_key: [u8; 32],
}

/// The use cases.
pub struct App {
    pub(crate) config: AppConfig,
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) policy: Policy,
    pub(crate) attestation: passkey::Attestation,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) tokens: TokenKey,
    pub(crate) passphrases: Passphrases,
    pub(crate) workers: Arc<Workers<dyn Analyze>>,
    pub(crate) faces: FaceRoom,
    /// `None`: paying by voice is switched off.
    voice: Option<(Workers<voice::Analyzer>, voice::Models)>,
    /// `None`: paying with a tattoo or a pet is switched off.
    kungfu: Option<Workers<kungfu::Analyzer>>,
    pub(crate) captures: Arc<Semaphore>,
    pub(crate) last_uses: LastUses,
    /// The recogniser that new templates are made with.
    pub(crate) model: face::ModelId,
    pub(crate) renewals: Renewals,
    pub(crate) duplicates: Duplicates,
    pub(crate) kiosk: Kiosks,
    pub(crate) ceremonies: Ceremonies,
    pub(crate) in_flight: InFlight,
    pub(crate) key_rates: KeyRates,
    pub(crate) operator_rates: KeyRates<(OperatorId, bool)>,
    pub(crate) key_uses: KeyUses,
    public_url: OnceLock<String>,
}

/// Threads that listen, at most: a second of sound takes one of them about 40 ms.
const VOICE_WORKERS: usize = 2;
/// Threads that look at objects, at most: one photo takes one of them some 50 ms.
const OBJECT_WORKERS: usize = 2;
/// Longest pinned challenge.
const PINNED_STEPS: std::ops::RangeInclusive<usize> = 1..=8;

impl App {
    /// Starts the frame workers. Blocks for a moment: models are compiled once for each worker.
    ///
    /// # Errors
    /// Pinned steps in live mode, a policy that cannot be, no analyzer, no randomness.
    pub fn new(parts: AppParts) -> std::result::Result<Self, StartError> {
        let AppParts { config, store, vault, analyzers, mut policy, clock, entropy, token_key } = parts;
        if let Some(steps) = &config.pinned_steps {
            if config.mode == Mode::Live {
                return Err(StartError::PinnedInLiveMode);
            }
            if !PINNED_STEPS.contains(&steps.len()) {
                return Err(StartError::PinnedLength);
            }
        }
        policy.mode = match config.mode {
            Mode::Test => decide::Mode::Test,
            Mode::Live => decide::Mode::Live,
        };
        policy.check().map_err(|e| StartError::Policy(e.to_string()))?;
        let model = analyzers.model();
        if policy.face.calibration.model != model.as_str() {
            let (theirs, ours) = (&policy.face.calibration.model, model.as_str());
            return Err(StartError::Policy(format!(
                "policy: face.calibration is of {theirs}, and the recogniser is {ours}"
            )));
        }
        let make = move || analyzers.analyzer().map_err(|e| e.to_string());
        let workers = Arc::new(Workers::start(config.capture_workers, "face", make)?);
        let recogniser = Arc::new(LocalRecogniser::new(Arc::clone(&workers)));
        let faces = FaceRoom::new(recogniser);
        let passphrases = Passphrases::new(entropy.as_ref())?;
        let last_uses = LastUses::starting_at(clock.now());
        Ok(Self {
            config,
            store,
            vault: Arc::new(vault),
            policy,
            attestation: passkey::Attestation::None,
            clock,
            entropy,
            tokens: TokenKey::new(token_key),
            passphrases,
            workers,
            faces,
            voice: None,
            kungfu: None,
            captures: Arc::new(Semaphore::new(CAPTURES_AT_ONCE)),
            last_uses,
            model,
            renewals: Renewals::default(),
            duplicates: Duplicates::default(),
            kiosk: Kiosks::default(),
            ceremonies: Ceremonies::default(),
            in_flight: InFlight::default(),
            key_rates: KeyRates::default(),
            operator_rates: KeyRates::default(),
            key_uses: KeyUses::default(),
            public_url: OnceLock::new(),
        })
    }

    /// Lets somebody else than our own networks look at the face service's pictures.
    #[must_use]
    pub fn with_recogniser(mut self, recogniser: Arc<dyn Recogniser>) -> Self {
        self.faces = FaceRoom::new(recogniser);
        self
    }

    /// Switches paying by voice on. Blocks for a moment.
    ///
    /// # Errors
    /// No analyzer.
    pub fn with_voice(mut self, models: voice::Models) -> std::result::Result<Self, StartError> {
        let own = models.clone();
        let make = move || own.analyzer().map(Box::new).map_err(|e| e.to_string());
        let workers = Workers::start(self.config.capture_workers.min(VOICE_WORKERS), "voice", make)?;
        self.voice = Some((workers, models));
        Ok(self)
    }

    /// Takes only devices whose make is shown and trusted.
    #[must_use]
    pub fn with_attestation(mut self, attestation: passkey::Attestation) -> Self {
        self.attestation = attestation;
        self
    }

    /// Whether paying by voice is switched on.
    pub const fn has_voice(&self) -> bool {
        self.voice.is_some()
    }

    /// Whether payers may say words instead of digits.
    pub fn has_phrases(&self) -> bool {
        self.voice.as_ref().is_some_and(|(_, models)| models.hears_phrases())
    }

    /// Whether digits are heard in this language.
    pub(crate) fn hears(&self, language: voice::Language) -> bool {
        self.voice.as_ref().is_some_and(|(_, models)| models.hears(language))
    }

    pub(crate) fn voice_workers(&self) -> Result<&Workers<voice::Analyzer>> {
        self.voice
            .as_ref()
            .map(|(workers, _)| workers)
            .ok_or_else(|| Error::invalid("method", "paying by voice is switched off here"))
    }

    /// Switches paying with a tattoo or a pet on. Blocks for a moment.
    ///
    /// # Errors
    /// No analyzer.
    pub fn with_kungfu(mut self, models: kungfu::Models) -> std::result::Result<Self, StartError> {
        let make = move || models.analyzer().map(Box::new).map_err(|e| e.to_string());
        self.kungfu = Some(Workers::start(self.config.capture_workers.min(OBJECT_WORKERS), "kungfu", make)?);
        Ok(self)
    }

    /// Whether paying with a tattoo or a pet is switched on.
    pub const fn has_kungfu(&self) -> bool {
        self.kungfu.is_some()
    }

    pub(crate) fn object_workers(&self) -> Result<&Workers<kungfu::Analyzer>> {
        self.kungfu
            .as_ref()
            .ok_or_else(|| Error::invalid("method", "paying with a tattoo or a pet is switched off here"))
    }

    /// Play money and pinned challenges.
    pub fn is_test_mode(&self) -> bool {
        self.config.mode == Mode::Test
    }

    pub fn mode(&self) -> Mode {
        self.config.mode
    }

    /// What which proven methods may pay.
    /// Where this server serves.
    pub const fn region(&self) -> &decide::Region {
        &self.policy.region
    }

    /// Refuses a way to pay that is not open in this region.
    pub(crate) fn open_here(&self, method: base::Method) -> Result<()> {
        if self.policy.region.enables(method) { Ok(()) } else { Err(Error::NotHere) }
    }

    pub fn rules(&self) -> &decide::RuleTable {
        &self.policy.rules
    }

    /// What the outside calls us; the first one given stays. Checkout addresses begin with it.
    pub fn set_public_url(&self, url: &str) {
        // Set twice only when two servers share one app; then either address leads here.
        let _already = self.public_url.set(url.trim_end_matches('/').to_owned());
    }

    pub(crate) fn public_url(&self) -> &str {
        self.public_url.get().map_or("", String::as_str)
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<()> {
        self.store.api_key([0; 32], self.now()).await.map(|_| ())?;
        Ok(())
    }

    /// The store, for the operator's commands.
    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn uuid(&self) -> Result<Uuid> {
        new_uuid(self.entropy.as_ref(), self.now()).map_err(Error::internal)
    }

    pub(crate) fn secret(&self, prefix: &str) -> Result<String> {
        crate::secret::new_secret(self.entropy.as_ref(), prefix).map_err(Error::internal)
    }

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes).map_err(Error::internal)?;
        Ok(bytes)
    }
}
