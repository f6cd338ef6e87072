//! The scene with a tattoo or a pet: enrol it, order, show it as asked, confirm with the passphrase, get the receipt.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use face::{DecodeLimits, Picture};
use puppet::{Around, Exhibit, Handheld};
use serde_json::{Value, json};

use super::camera::Camera;
use super::capture::{Captured, Outcome, Pace, play};
use super::client::{Intent, Payer, Shop};
use super::error::DemoError;
use super::report::Report;
use super::scene::{Ending, PASSPHRASE, STAMP, TRIES, address, outcome, since};
use super::{Attack, Object};

const CONSENT_TEXT: &str = "kungfu-2026-11";
/// Most bytes of one picture that is read.
const PICTURE_BYTES: u64 = 8 << 20;

/// What is before the camera: the payer's, and somebody else's.
pub struct Things {
    pub kind: Object,
    pub payer: Arc<Exhibit>,
    pub other: Arc<Exhibit>,
}

impl Things {
    /// Tattoos are drawn. Pets are photographs called `PET_NUMBER.jpg`: two pets with six or more play.
    ///
    /// # Errors
    /// No such photographs.
    pub fn cast(kind: Object, pets: &Path, seed: u64) -> Result<Self, DemoError> {
        let (payer, other) = match kind {
            Object::Tattoo => (Exhibit::tattoo(seed), Exhibit::tattoo(seed + 1_000)),
            Object::Pet => {
                let all = photographs(pets)?;
                let one = |at: usize| {
                    let of = all.get(at % all.len().max(1)).ok_or_else(|| DemoError::NoPets(pets.to_owned()))?;
                    Ok::<_, DemoError>(Exhibit::photographs(&read_all(of)?, seed)?)
                };
                let first = usize::try_from(seed).unwrap_or(0);
                if all.len() < 2 {
                    return Err(DemoError::NoPets(pets.to_owned()));
                }
                (one(first)?, one(first + 1)?)
            }
        };
        Ok(Self { kind, payer: Arc::new(payer), other: Arc::new(other) })
    }
}

/// The files of each pet with six or more of them, in the order of their names.
fn photographs(dir: &Path) -> Result<Vec<Vec<std::path::PathBuf>>, DemoError> {
    const FEWEST: usize = 6;
    let none = || DemoError::NoPets(dir.to_owned());
    let mut pets: std::collections::BTreeMap<String, Vec<std::path::PathBuf>> = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(dir).map_err(|_| none())? {
        let path = entry.map_err(|_| none())?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if let Some((pet, _)) = name.strip_suffix(".jpg").and_then(|n| n.rsplit_once('_')) {
            pets.entry(pet.to_owned()).or_default().push(path);
        }
    }
    let whole = pets.into_values().filter(|files| files.len() >= FEWEST);
    Ok(whole
        .map(|mut files| {
            files.sort();
            files
        })
        .collect())
}

fn read_all(files: &[std::path::PathBuf]) -> Result<Vec<Picture>, DemoError> {
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Picture, DemoError> {
    let failed = |source| DemoError::File { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > PICTURE_BYTES {
        return Err(failed(std::io::Error::other("the picture is too large")));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let unreadable = |e: face::DecodeError| failed(std::io::Error::other(e.to_string()));
    Picture::decode(&bytes, &DecodeLimits::default()).map_err(unreadable)
}

/// A hand with a phone before the thing; pets show another face for each photo that is asked for.
struct Phone {
    hand: Handheld,
    pages: bool,
}

impl Camera for Phone {
    fn prompt(&mut self, step: &str, at_ms: f64) {
        if let Some(around) = Around::from_name(step) {
            if self.pages {
                self.hand.turn_page();
            }
            self.hand.ask(around, at_ms);
        }
    }

    fn hint(&mut self, hint: &str, at_ms: f64) {
        self.hand.hear(hint, at_ms);
    }

    fn frame(&mut self, at_ms: f64) -> Result<Option<Vec<u8>>, DemoError> {
        Ok(Some(self.hand.frame(at_ms)?))
    }
}

/// Frames of an older capture, whatever is asked.
struct Tape {
    frames: Vec<(f64, Vec<u8>)>,
    next: usize,
}

impl Camera for Tape {
    fn prompt(&mut self, _step: &str, _at_ms: f64) {}

    fn frame(&mut self, _at_ms: f64) -> Result<Option<Vec<u8>>, DemoError> {
        let shown = self.frames.get(self.next % self.frames.len().max(1)).map(|(_, jpeg)| jpeg.clone());
        self.next += 1;
        Ok(shown)
    }
}

/// Everything the scene needs.
pub struct ObjectScene<'a> {
    pub base: String,
    pub shop: Shop,
    pub attack: Option<Attack>,
    pub report: &'a Report,
    pub pace: Pace,
    pub things: Things,
}

/// How the payment's captures went.
struct Paying {
    captured: Captured,
    tries: u32,
    retakes: Vec<Vec<String>>,
}

impl ObjectScene<'_> {
    /// Plays it with a payer of its own.
    ///
    /// # Errors
    /// The server is gone, or the enrolment is refused.
    pub async fn play(&self, seed: u64) -> Result<Ending, DemoError> {
        let began = Instant::now();
        let what = self.things.kind.word();
        self.report.step(&format!("Ada opens a wallet and shows her {what}:"));
        let payer = Payer::sign_up(&self.base, "Ada Lindqvist", &address(seed), PASSPHRASE).await?;
        let grant = payer.start_object_enrolment(self.things.kind.name(), CONSENT_TEXT).await?;
        let hand = Handheld::new(Arc::clone(&self.things.payer), 0, seed);
        let camera = Phone { hand, pages: self.things.kind == Object::Pet };
        let enrolled = play(&payer.socket(&grant), Box::new(camera), self.pace, self.report).await?;
        self.report.step(&format!("  {}", enrolled.end.say));
        if enrolled.end.outcome != "enrolled" {
            let (tries, retakes) = (0, Vec::new());
            let ms = json!({"enrol": enrolled.ms, "total": since(began)});
            let reasons = enrolled.end.reasons;
            return Ok(Ending { outcome: "refused", tries, reasons, retakes, receipt: Value::Null, ms });
        }
        let older = self.older_capture(&payer, seed).await?;
        self.report.step("She orders the stamp of the Hanover export fair, 1948, for 20.00 EUR.");
        let intent = self.shop.ask_for(&STAMP, &address(seed)).await?;
        let Paying { captured, tries, retakes } = self.pay(&payer, &intent, seed, &older).await?;
        let mut end = captured.end;
        self.report.step(&format!("  {}", end.say));
        // An object alone pays pocket money, and on its first day nothing: the table asks for one more proof.
        if end.outcome == "step_up" && self.attack.is_none() {
            self.report.step("She confirms with her passphrase as well.");
            let receipt = payer.confirm(&intent).await?;
            end = Outcome { outcome: "paid".to_owned(), receipt: Some(receipt), ..end };
        }
        let receipt = match &end.receipt {
            Some(id) => self.shop.receipt(id).await?,
            None => Value::Null,
        };
        if !receipt.is_null() {
            self.report.receipt(&receipt);
        }
        let ms = json!({
            "enrol": enrolled.ms, "capture": captured.ms, "judged": captured.judged_ms, "total": since(began),
        });
        Ok(Ending { outcome: outcome(&end), tries, reasons: end.reasons, retakes, receipt, ms })
    }

    async fn pay(
        &self,
        payer: &Payer,
        intent: &Intent,
        seed: u64,
        older: &[(f64, Vec<u8>)],
    ) -> Result<Paying, DemoError> {
        let mut retakes = Vec::new();
        let what = self.things.kind.word();
        for attempt in 1..=TRIES {
            self.report.step(&match self.attack {
                None => format!("She presses “pay” and shows her {what}:"),
                Some(Attack::Replay) => "Somebody presses “pay” and plays an older capture of hers:".to_owned(),
                Some(_) => format!("Somebody else presses “pay” and shows another {what}:"),
            });
            let grant = match payer.start_challenge("kungfu", intent, None).await {
                Ok(grant) => grant,
                // No more tries: that is a refusal as well.
                Err(DemoError::Problem { code, detail, .. }) if self.attack.is_some() && attempt > 1 => {
                    let end = Outcome {
                        outcome: "refused".to_owned(),
                        reasons: vec![code],
                        say: detail,
                        ..Outcome::default()
                    };
                    let captured = Captured { end, frames: Vec::new(), ms: 0.0, judged_ms: None };
                    return Ok(Paying { captured, tries: attempt - 1, retakes });
                }
                Err(error) => return Err(error),
            };
            let camera = self.paying(seed.wrapping_add(u64::from(attempt) << 32), older);
            let captured = play(&payer.socket(&grant), camera, self.pace, self.report).await?;
            let again = captured.end.outcome == "retake" && captured.end.tries_left != Some(0);
            if !again || attempt == TRIES {
                return Ok(Paying { captured, tries: attempt, retakes });
            }
            self.report.step(&format!("  {}", captured.end.say));
            retakes.push(captured.end.reasons.clone());
        }
        Err(DemoError::CameraGone)
    }

    fn paying(&self, seed: u64, older: &[(f64, Vec<u8>)]) -> Box<dyn Camera> {
        // Of a pet: the one photograph that was not enrolled.
        let phone = |thing: &Arc<Exhibit>| {
            let hand = Handheld::new(Arc::clone(thing), 0, seed);
            Box::new(Phone { hand, pages: false }) as Box<dyn Camera>
        };
        match self.attack {
            None => phone(&self.things.payer),
            Some(Attack::Replay) => Box::new(Tape { frames: older.to_vec(), next: 0 }),
            Some(_) => phone(&self.things.other),
        }
    }

    /// For a replay: a genuine capture of an earlier payment.
    async fn older_capture(&self, payer: &Payer, seed: u64) -> Result<Vec<(f64, Vec<u8>)>, DemoError> {
        if self.attack != Some(Attack::Replay) {
            return Ok(Vec::new());
        }
        self.report.step("First she pays herself; her capture is recorded by a thief:");
        let intent = self.shop.ask_for(&STAMP, &format!("older-{}", address(seed))).await?;
        let grant = payer.start_challenge("kungfu", &intent, None).await?;
        let hand = Handheld::new(Arc::clone(&self.things.payer), 0, seed ^ 1 << 40);
        let camera = Box::new(Phone { hand, pages: false });
        let captured = play(&payer.socket(&grant), camera, self.pace, self.report).await?;
        self.report.step(&format!("  {}", captured.end.say));
        Ok(captured.frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pets_need_photographs_and_say_so() {
        let dir = tempfile::tempdir().unwrap();
        let none = Things::cast(Object::Pet, dir.path(), 1).err().unwrap();
        assert!(none.to_string().contains("--pets"), "{none}");
        assert!(Things::cast(Object::Tattoo, dir.path(), 1).is_ok(), "a tattoo is drawn");
    }
}
