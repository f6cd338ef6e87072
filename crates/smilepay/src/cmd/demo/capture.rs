//! One capture over the WebSocket: frames out, prompts in, a result at the end.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use service::capture::chain::Chain;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::camera::Camera;
use super::error::DemoError;
use super::report::Report;

/// Frames that may wait for the socket; a slow connection drops the newest, as a browser does.
const WAITING: usize = 4;
/// A recording that has ended is followed by this much silence at most.
const RESULT_WITHIN: Duration = Duration::from_secs(90);

/// How a capture is paced.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub fps: f64,
    /// Camera seconds per wall-clock second.
    pub speed: f64,
}

/// The server's last word.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Outcome {
    pub outcome: String,
    #[serde(default)]
    pub reasons: Vec<String>,
    #[serde(default)]
    pub say: String,
    pub receipt: Option<String>,
    pub tries_left: Option<u32>,
}

/// A finished capture.
pub struct Captured {
    pub end: Outcome,
    /// Every frame that was sent, with its moment, ms.
    pub frames: Vec<(f64, Vec<u8>)>,
    /// From the first frame to the result, ms.
    pub ms: f64,
    /// From the server's "judging" to its result, ms.
    pub judged_ms: Option<f64>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Prompt { step: String, say: String },
    Hint { hint: String, say: String },
    View { kept: u32, of: u32 },
    Judging,
    Result(Outcome),
}

/// What the camera thread is told.
enum Cue {
    Prompt(String),
    Hint(String),
}

/// Plays `camera` to the capture socket at `url` until the server has decided.
///
/// # Errors
/// The socket breaks, or the camera fails.
pub async fn play(url: &str, camera: Box<dyn Camera>, pace: Pace, report: &Report) -> Result<Captured, DemoError> {
    let mut chain = Chain::new(url.split_once("token=").map_or("", |(_, token)| token));
    let (socket, _) = connect_async(url).await?;
    let (mut write, mut read) = socket.split();
    let (cues, heard) = mpsc::channel();
    let (shoot, mut shots) = tokio::sync::mpsc::channel(WAITING);
    let filming = std::thread::spawn(move || film(camera, pace, &heard, &shoot));
    let began = Instant::now();
    let (mut frames, mut judging, mut camera_open) = (Vec::new(), None, true);
    let deadline = tokio::time::sleep(RESULT_WITHIN);
    tokio::pin!(deadline);
    let end = loop {
        tokio::select! {
            shot = shots.recv(), if camera_open => match shot {
                Some((at_ms, jpeg)) => {
                    // The server may have decided already and closed: its result is still to be read.
                    let bytes = message(at_ms, &jpeg);
                    chain.add(&bytes);
                    camera_open = write.send(Message::Binary(bytes.into())).await.is_ok();
                    if let Some(link) = chain.link().filter(|_| camera_open) {
                        camera_open = write.send(Message::Text(link.into())).await.is_ok();
                    }
                    frames.push((at_ms, jpeg));
                }
                None => camera_open = false,
            },
            heard = read.next() => {
                let text = match heard {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Close(_))) | None => return Err(DemoError::CameraGone),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Err(error.into()),
                };
                match serde_json::from_str(&text) {
                    Ok(Event::Prompt { step, say }) => {
                        report.prompt(&say);
                        let _gone = cues.send(Cue::Prompt(step));
                    }
                    Ok(Event::Hint { hint, say }) => {
                        report.hint(&say);
                        let _gone = cues.send(Cue::Hint(hint));
                    }
                    Ok(Event::View { kept, of }) => report.view(kept, of),
                    Ok(Event::Judging) => judging = Some(Instant::now()),
                    Ok(Event::Result(end)) => break end,
                    // A newer server may say more than we know.
                    Err(_) => {}
                }
            },
            () = &mut deadline => return Err(DemoError::CameraGone),
        }
    };
    drop((cues, shots));
    match filming.join() {
        Ok(filmed) => filmed?,
        Err(_) => return Err(DemoError::CameraGone),
    }
    let ms = |since: Instant| since.elapsed().as_secs_f64() * 1000.0;
    Ok(Captured { end, frames, ms: ms(began), judged_ms: judging.map(ms) })
}

/// 8 bytes little-endian timestamp, then the JPEG.
fn message(at_ms: f64, jpeg: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + jpeg.len());
    bytes.extend_from_slice(&at_ms.to_le_bytes());
    bytes.extend_from_slice(jpeg);
    bytes
}

/// Takes frames at the camera's rate until nobody wants them or the recording ends. Every timestamp is the moment that the
/// picture shows; a slowed camera (speed below 1) has a clock of its own, which waits for a frame that takes too long.
fn film(
    mut camera: Box<dyn Camera>,
    pace: Pace,
    heard: &mpsc::Receiver<Cue>,
    shoot: &tokio::sync::mpsc::Sender<(f64, Vec<u8>)>,
) -> Result<(), DemoError> {
    let began = Instant::now();
    let mut index: u64 = 0;
    loop {
        let at_ms = index as f64 * 1000.0 / pace.fps;
        let due = Duration::from_secs_f64(at_ms / 1000.0 / pace.speed);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        while let Ok(cue) = heard.try_recv() {
            match cue {
                Cue::Prompt(step) => camera.prompt(&step, at_ms),
                Cue::Hint(hint) => camera.hint(&hint, at_ms),
            }
        }
        let Some(jpeg) = camera.frame(at_ms)? else { return Ok(()) };
        if shoot.blocking_send((at_ms, jpeg)).is_err() {
            return Ok(());
        }
        index += 1;
        if pace.speed >= 1.0 {
            // Frames that would have been taken meanwhile are left out, as by a real camera.
            index = index.max((began.elapsed().as_secs_f64() * pace.speed * pace.fps) as u64);
        }
    }
}
