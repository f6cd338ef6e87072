//! The scene, once: open a wallet, enrol the face, order the stamp, press "pay", answer the challenge, get the receipt.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use puppet::{Cast, Onset, Person, Photographs, Replay};
use serde_json::{Value, json};

use super::Attack;
use super::camera::{Camera, Play, Recording, Stage};
use super::capture::{Captured, Outcome, Pace, play};
use super::client::{Intent, Item, Payer, Shop};
use super::error::DemoError;
use super::report::Report;

pub(super) const STAMP: Item<'static> = Item {
    name: "Stamp of the Hanover export fair, 1948",
    cents: 2_000,
    ship_to: "Office of the Mayor of Hanover",
    days: 6,
};
pub(super) const CONSENT_TEXT: &str = "2026-11";
pub(super) const PASSPHRASE: &str = "a passphrase for the demo";
/// Whoever was not clear enough tries again, as often as one payment lets them.
pub(super) const TRIES: u32 = 3;

/// Who plays.
pub enum Players {
    /// Rendered from portraits: the payer and somebody else.
    Puppets { payer: Arc<Cast>, other: Arc<Cast> },
    /// Recorded frames: for the enrolment and for the payment.
    Recordings { enrol: std::path::PathBuf, capture: std::path::PathBuf },
}

/// Everything that stays the same from run to run.
pub struct Scene<'a> {
    pub base: String,
    pub shop: Shop,
    pub players: Players,
    pub attack: Option<Attack>,
    pub steps: Option<Vec<String>>,
    pub pace: Pace,
    /// Keep the frames that were sent here.
    pub keep: Option<PathBuf>,
    pub report: &'a Report,
}

/// How one run ended.
pub struct Ending {
    /// `paid`, `refused` or `retake`.
    pub outcome: &'static str,
    /// Captures it took.
    pub tries: u32,
    pub reasons: Vec<String>,
    /// Why each earlier capture had to be taken again.
    pub retakes: Vec<Vec<String>>,
    pub receipt: Value,
    pub ms: Value,
}

/// How the payment's captures went.
struct Paying {
    /// The last one.
    captured: Captured,
    tries: u32,
    retakes: Vec<Vec<String>>,
}

impl Ending {
    /// The answer for programs.
    pub fn json(&self) -> Value {
        json!({
            "outcome": self.outcome, "tries": self.tries, "reasons": self.reasons, "retakes": self.retakes,
            "receipt": self.receipt, "ms": self.ms,
        })
    }
}

impl Scene<'_> {
    /// Plays it with a new payer.
    ///
    /// # Errors
    /// When the scene cannot be played on; a refusal is an ending, not an error.
    pub async fn play(&self, seed: u64) -> Result<Ending, DemoError> {
        let began = Instant::now();
        let report = self.report;
        report.step("Ada opens a wallet; in test mode it holds 100.00 EUR of play money.");
        let payer = Payer::sign_up(&self.base, "Ada", &address(seed), PASSPHRASE).await?;
        report.step("She enrols her face:");
        let views = match self.players {
            Players::Puppets { .. } => "guided",
            Players::Recordings { .. } => "as_found",
        };
        let grant = payer.start_enrolment("face", CONSENT_TEXT, views).await?;
        let enrolled = play(&payer.socket(&grant), self.enrolling(seed)?, self.pace, report).await?;
        self.keep(&enrolled.frames, "enrolment")?;
        report.step(&format!("  {}", enrolled.end.say));
        if enrolled.end.outcome != "enrolled" {
            let ms = json!({"enrol": enrolled.ms, "total": since(began)});
            let reasons = enrolled.end.reasons;
            return Ok(Ending { outcome: "retake", tries: 0, reasons, retakes: Vec::new(), receipt: Value::Null, ms });
        }
        let recorded = self.older_capture(&payer, seed).await?;
        let intent = self.order(seed).await?;
        let Paying { captured, tries, retakes } = self.pay(&payer, &intent, recorded, seed).await?;
        let Captured { end, ms, judged_ms, frames } = captured;
        report.step(&format!("  {}", end.say));
        let ms = json!({
            "enrol": enrolled.ms, "capture": ms, "judge": judged_ms, "frames": frames.len(), "total": since(began),
        });
        let receipt = match &end.receipt {
            Some(id) => self.shop.receipt(id).await?,
            None => Value::Null,
        };
        if !receipt.is_null() {
            report.receipt(&receipt);
        }
        Ok(Ending { outcome: outcome(&end), tries, reasons: end.reasons, retakes, receipt, ms })
    }

    async fn order(&self, seed: u64) -> Result<Intent, DemoError> {
        let intent = self.shop.ask_for(&STAMP, &address(seed)).await?;
        let Item { name, cents, ship_to, days } = STAMP;
        self.report.step(&format!(
            "She orders “{name}” from {} for {}.{:02} EUR,",
            intent.payee,
            cents / 100,
            cents % 100
        ));
        self.report.step(&format!("to be delivered within {days} days to: {ship_to}."));
        Ok(intent)
    }

    /// Presses "pay" and answers; after a *retake* once more, while the payment allows it. A recording plays once: the same
    /// frames again would be a replay.
    async fn pay(
        &self,
        payer: &Payer,
        intent: &Intent,
        recorded: Vec<(f64, Vec<u8>)>,
        seed: u64,
    ) -> Result<Paying, DemoError> {
        let (mut last, mut retakes) = (None, Vec::new());
        for attempt in 1..=TRIES {
            self.report.step(&self.announcement());
            let grant = match payer.start_challenge("face", intent, self.steps.as_deref()).await {
                Ok(grant) => grant,
                // No more tries: that is a refusal as well.
                Err(DemoError::Problem { code, detail, .. }) if self.attack.is_some() && attempt > 1 => {
                    return Ok(Paying { captured: turned_away(last, code, detail), tries: attempt - 1, retakes });
                }
                Err(error) => return Err(error),
            };
            let camera = self.paying(seed.wrapping_add(u64::from(attempt) << 32), &recorded)?;
            let captured = play(&payer.socket(&grant), camera, self.pace, self.report).await?;
            self.keep(&captured.frames, &format!("payment-{attempt}"))?;
            let again = captured.end.outcome == "retake" && captured.end.tries_left != Some(0);
            if matches!(self.players, Players::Recordings { .. }) || !again || attempt == TRIES {
                return Ok(Paying { captured, tries: attempt, retakes });
            }
            self.report.step(&format!("  {}", captured.end.say));
            retakes.push(captured.end.reasons.clone());
            last = Some(captured);
        }
        Err(DemoError::CameraGone)
    }

    fn keep(&self, frames: &[(f64, Vec<u8>)], what: &str) -> Result<(), DemoError> {
        let Some(dir) = &self.keep else { return Ok(()) };
        let failed = |source| DemoError::File { path: dir.clone(), source };
        std::fs::create_dir_all(dir).map_err(failed)?;
        for (index, (_, jpeg)) in frames.iter().enumerate() {
            std::fs::write(dir.join(format!("{what}-{index:04}.jpg")), jpeg).map_err(failed)?;
        }
        Ok(())
    }

    fn announcement(&self) -> String {
        match self.attack {
            None => "She presses “pay” and looks into the camera:",
            Some(Attack::Flat) => "Somebody presses “pay” and holds her photographs before the camera:",
            Some(Attack::OtherPerson | Attack::WrongDigits) => "Somebody else presses “pay” and looks into the camera:",
            Some(Attack::Replay) => "Somebody presses “pay” and plays an older capture of hers:",
            Some(Attack::HardCut) => {
                "Somebody presses “pay” and plays a film that jumps from her neutral to her smiling face:"
            }
        }
        .to_owned()
    }

    fn enrolling(&self, seed: u64) -> Result<Box<dyn Camera>, DemoError> {
        Ok(match &self.players {
            Players::Puppets { payer, .. } => Box::new(Stage(Box::new(Person::new(Arc::clone(payer), seed)))),
            Players::Recordings { enrol, .. } => Box::new(Recording::open(enrol, self.pace.fps, Play::PingPong)?),
        })
    }

    fn paying(&self, seed: u64, recorded: &[(f64, Vec<u8>)]) -> Result<Box<dyn Camera>, DemoError> {
        let Players::Puppets { payer, other } = &self.players else { return self.playing_back() };
        Ok(Box::new(Stage(match self.attack {
            None => Box::new(Person::new(Arc::clone(payer), seed)),
            Some(Attack::Flat) => Box::new(Photographs::new(payer, seed)),
            Some(Attack::OtherPerson | Attack::WrongDigits) => Box::new(Person::new(Arc::clone(other), seed)),
            Some(Attack::Replay) => Box::new(Replay::new(recorded.to_vec())?),
            Some(Attack::HardCut) => Box::new(Person::with_onset(Arc::clone(payer), seed, Onset::HardCut)),
        })))
    }

    fn playing_back(&self) -> Result<Box<dyn Camera>, DemoError> {
        match &self.players {
            Players::Recordings { capture, .. } => Ok(Box::new(Recording::open(capture, self.pace.fps, Play::Once)?)),
            Players::Puppets { .. } => Err(DemoError::CameraGone),
        }
    }

    /// For a replay: a genuine capture of an earlier payment of the same payer.
    async fn older_capture(&self, payer: &Payer, seed: u64) -> Result<Vec<(f64, Vec<u8>)>, DemoError> {
        let (Some(Attack::Replay), Players::Puppets { payer: cast, .. }) = (self.attack, &self.players) else {
            return Ok(Vec::new());
        };
        self.report.step("First she pays herself; her capture is recorded by a thief:");
        let intent = self.shop.ask_for(&STAMP, &format!("older-{}", address(seed))).await?;
        let grant = payer.start_challenge("face", &intent, self.steps.as_deref()).await?;
        let camera = Stage(Box::new(Person::new(Arc::clone(cast), seed ^ 1 << 40)));
        let captured = play(&payer.socket(&grant), Box::new(camera), self.pace, self.report).await?;
        self.report.step(&format!("  {}", captured.end.say));
        Ok(captured.frames)
    }
}

/// The words of the contract: a face that is not enough on its own has not paid.
pub(super) fn outcome(end: &Outcome) -> &'static str {
    match end.outcome.as_str() {
        "paid" => "paid",
        "retake" => "retake",
        _ => "refused",
    }
}

fn turned_away(last: Option<Captured>, code: String, detail: String) -> Captured {
    let mut captured =
        last.unwrap_or(Captured { end: Outcome::default(), frames: Vec::new(), ms: 0.0, judged_ms: None });
    captured.end.outcome = "refused".to_owned();
    captured.end.say = detail;
    captured.end.reasons.push(code);
    captured
}

/// An address that no earlier run in the same data directory has taken.
pub(super) fn address(seed: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("ada-{seed}-{}@example.org", now.as_nanos())
}

pub(super) fn since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}
