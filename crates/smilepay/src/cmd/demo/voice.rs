//! The scene by voice: enrol three utterances, order, speak the digits, confirm with the passphrase, get the receipt.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::Attack;
use super::capture::Outcome;
use super::client::{Intent, Payer, Shop};
use super::error::DemoError;
use super::report::Report;
use super::scene::{Ending, PASSPHRASE, STAMP, TRIES, address, outcome, since};
use super::speaker::{RATE, Speaker};

/// Version of the consent text for a voice.
const CONSENT_TEXT: &str = "voice-2026-11";
/// A piece of sound, as a browser sends it.
const PIECE: Duration = Duration::from_millis(100);
const RESULT_WITHIN: Duration = Duration::from_secs(120);

/// Everything the scene needs.
pub struct VoiceScene<'a> {
    pub base: String,
    pub shop: Shop,
    pub attack: Option<Attack>,
    pub report: &'a Report,
    pub payer: Speaker,
    pub other: Speaker,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Digits { digits: String, say: String },
    Hint { say: String },
    View { kept: u32, of: u32 },
    Judging,
    Result(Outcome),
}

/// What is said when digits are asked for.
enum Mouth<'s> {
    Says(&'s mut Speaker),
    /// Says other digits: each three further on.
    SaysOthers(&'s mut Speaker),
    Plays(Vec<u8>),
}

impl Mouth<'_> {
    fn answer(&mut self, digits: &str) -> Vec<u8> {
        match self {
            Self::Says(speaker) => speaker.say(digits),
            Self::SaysOthers(speaker) => {
                let next = |d: u8| char::from(b'0' + (d - b'0' + 3) % 10);
                speaker.say(&digits.bytes().filter(u8::is_ascii_digit).map(next).collect::<String>())
            }
            Self::Plays(sound) => sound.clone(),
        }
    }
}

/// The server's last word, and every answer that was sent.
struct Spoken {
    end: Outcome,
    sent: Vec<u8>,
    ms: f64,
}

/// How the payment's answers went.
struct Paying {
    /// The last one.
    spoken: Spoken,
    tries: u32,
    retakes: Vec<Vec<String>>,
}

impl VoiceScene<'_> {
    /// Plays it with a new payer.
    ///
    /// # Errors
    /// When the scene cannot be played on; a refusal is an ending, not an error.
    pub async fn play(&mut self, seed: u64) -> Result<Ending, DemoError> {
        let began = Instant::now();
        self.report.step("Ada opens a wallet; in test mode it holds 100.00 EUR of play money.");
        let payer = Payer::sign_up(&self.base, "Ada", &address(seed), PASSPHRASE).await?;
        self.report.step("She enrols her voice:");
        let grant = payer.start_enrolment("voice", CONSENT_TEXT, "guided").await?;
        let enrolled = speak(&payer.socket(&grant), Mouth::Says(&mut self.payer), self.report).await?;
        self.report.step(&format!("  {}", enrolled.end.say));
        if enrolled.end.outcome != "enrolled" {
            let ms = json!({"enrol": enrolled.ms, "total": since(began)});
            return Ok(Ending {
                outcome: "retake",
                tries: 0,
                reasons: enrolled.end.reasons,
                retakes: Vec::new(),
                receipt: Value::Null,
                ms,
            });
        }
        let recorded = self.older_answer(&payer, seed).await?;
        let intent = self.shop.ask_for(&STAMP, &address(seed)).await?;
        self.report.step(&format!("She orders “{}” from {} for 20.00 EUR.", STAMP.name, intent.payee));
        let Paying { spoken, tries, retakes } = self.pay(&payer, &intent, &recorded).await?;
        self.report.step(&format!("  {}", spoken.end.say));
        let mut end = spoken.end;
        if end.outcome == "step_up" && self.attack.is_none() {
            self.report.step("Voice alone pays small amounts only, so she adds her passphrase.");
            end.receipt = Some(payer.confirm(&intent).await?);
            end.outcome = "paid".to_owned();
        }
        let receipt = match &end.receipt {
            Some(id) => self.shop.receipt(id).await?,
            None => Value::Null,
        };
        if !receipt.is_null() {
            self.report.receipt(&receipt);
        }
        let ms = json!({"enrol": enrolled.ms, "capture": spoken.ms, "total": since(began)});
        Ok(Ending { outcome: outcome(&end), tries, reasons: end.reasons, retakes, receipt, ms })
    }

    async fn pay(&mut self, payer: &Payer, intent: &Intent, recorded: &[u8]) -> Result<Paying, DemoError> {
        let mut retakes = Vec::new();
        for attempt in 1..=TRIES {
            self.report.step(match self.attack {
                None => "She presses “pay” and says the digits:",
                Some(Attack::Replay) => "Somebody presses “pay” and plays an older answer of hers:",
                Some(Attack::WrongDigits) => "She says other digits than those asked for:",
                Some(_) => "Somebody else presses “pay” and says the digits:",
            });
            let grant = payer.start_challenge("voice", intent, None).await?;
            let mouth = match self.attack {
                None => Mouth::Says(&mut self.payer),
                Some(Attack::Replay) => Mouth::Plays(recorded.to_vec()),
                Some(Attack::WrongDigits) => Mouth::SaysOthers(&mut self.payer),
                Some(_) => Mouth::Says(&mut self.other),
            };
            let spoken = speak(&payer.socket(&grant), mouth, self.report).await?;
            let again = spoken.end.outcome == "retake" && spoken.end.tries_left != Some(0);
            if !again || attempt == TRIES {
                return Ok(Paying { spoken, tries: attempt, retakes });
            }
            self.report.step(&format!("  {}", spoken.end.say));
            retakes.push(spoken.end.reasons);
        }
        Err(DemoError::CameraGone)
    }

    /// For a replay: an answer of an earlier payment.
    async fn older_answer(&mut self, payer: &Payer, seed: u64) -> Result<Vec<u8>, DemoError> {
        if self.attack != Some(Attack::Replay) {
            return Ok(Vec::new());
        }
        self.report.step("First she pays herself; her answer is recorded by a thief:");
        let intent = self.shop.ask_for(&STAMP, &format!("older-{}", address(seed))).await?;
        let grant = payer.start_challenge("voice", &intent, None).await?;
        let spoken = speak(&payer.socket(&grant), Mouth::Says(&mut self.payer), self.report).await?;
        self.report.step(&format!("  {}", spoken.end.say));
        Ok(spoken.sent)
    }
}

/// Streams sound to the socket at `url`, answering every request for digits, until the server has decided.
async fn speak(url: &str, mut mouth: Mouth<'_>, report: &Report) -> Result<Spoken, DemoError> {
    let (socket, _) = connect_async(url).await?;
    let (mut write, mut read) = socket.split();
    let began = Instant::now();
    let piece = RATE / 10 * 2;
    let (mut waiting, mut sent): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut tick = interval(PIECE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let deadline = tokio::time::sleep(RESULT_WITHIN);
    tokio::pin!(deadline);
    let mut open = true;
    let end = loop {
        tokio::select! {
            _ = tick.tick(), if open => {
                waiting.resize(waiting.len().max(piece), 0);
                let now: Vec<u8> = waiting.drain(..piece).collect();
                let at_ms = began.elapsed().as_secs_f64() * 1000.0;
                let message = [at_ms.to_le_bytes().as_slice(), &now].concat();
                open = write.send(Message::Binary(message.into())).await.is_ok();
            }
            heard = read.next() => {
                let text = match heard {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Close(_))) | None => return Err(DemoError::CameraGone),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Err(error.into()),
                };
                match serde_json::from_str(&text) {
                    Ok(Event::Digits { digits, say }) => {
                        report.prompt(&format!("{say}: {digits}"));
                        let answer = mouth.answer(&digits);
                        sent.clone_from(&answer);
                        waiting = answer;
                    }
                    Ok(Event::Hint { say }) => report.hint(&say),
                    Ok(Event::View { kept, of }) => report.view(kept, of),
                    Ok(Event::Judging) => open = false,
                    Ok(Event::Result(end)) => break end,
                    Err(_) => {}
                }
            },
            () = &mut deadline => return Err(DemoError::CameraGone),
        }
    };
    Ok(Spoken { end, sent, ms: began.elapsed().as_secs_f64() * 1000.0 })
}
