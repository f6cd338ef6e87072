//! What the server tells a capturing client. The wire form is in ARCHITECTURE.md; there `say` is the sentence in the payer's
//! language, here it is its key in the catalogue.

use liveness::{TINT_MS, Tint};
use serde::Serialize;

use crate::view::MethodView;

/// One message to the client.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CaptureEvent {
    Prompt {
        step: &'static str,
        say: &'static str,
        progress: f32,
        /// Colours that the page shows, one after the other.
        #[serde(skip_serializing_if = "Option::is_none")]
        colours: Option<ScreenColours>,
    },
    Hint {
        hint: &'static str,
        say: &'static str,
    },
    /// Digits to say aloud, one by one.
    Digits {
        digits: String,
        say: &'static str,
        /// BCP 47 tag of the language they are to be said in.
        language: &'static str,
        /// What is said in that language, for a page in another one.
        #[serde(skip)]
        own_say: &'static str,
        number: usize,
        of: usize,
    },
    /// Words to say aloud, one after another.
    Words {
        words: String,
        say: &'static str,
        language: &'static str,
        number: usize,
        of: usize,
    },
    /// The payer's own words, which are not shown.
    KeyPhrase {
        say: &'static str,
        number: usize,
        of: usize,
    },
    /// What is heard right now: level in dB below full scale, and how much of the speech that is wanted has come.
    Heard {
        speaking: bool,
        level_db: f32,
        progress: f32,
    },
    View {
        kept: usize,
        of: usize,
    },
    Judging,
    Result(Box<CaptureResult>),
}

/// What the screen does meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScreenColours {
    /// As CSS writes them; the last one stays until the next prompt.
    pub show: Vec<String>,
    /// How long each one is shown, ms.
    pub each_ms: u32,
}

impl ScreenColours {
    pub(crate) fn of(tints: &[Tint]) -> Self {
        Self { show: tints.iter().map(|tint| tint.css()).collect(), each_ms: TINT_MS }
    }
}

/// How a capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureOutcome {
    Paid,
    Refused,
    Retake,
    StepUp,
    Enrolled,
}

/// The last message.
#[derive(Clone, Debug, Serialize)]
pub struct CaptureResult {
    pub outcome: CaptureOutcome,
    /// In test mode the operator's reason codes; in live mode nothing that tells which factor failed.
    pub reasons: Vec<String>,
    /// Key of one sentence: what happened and what to do.
    pub say: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
    /// After `step_up`: each of these methods would complete the payment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<base::Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub views: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodView>,
}

impl CaptureResult {
    pub(crate) fn new(outcome: CaptureOutcome, say: &'static str) -> Self {
        let (reasons, receipt, receipt_url) = (Vec::new(), None, None);
        Self {
            outcome,
            reasons,
            say,
            receipt,
            receipt_url,
            tries_left: None,
            needs: Vec::new(),
            views: None,
            method: None,
        }
    }

    #[must_use]
    pub(crate) fn because(mut self, reasons: impl IntoIterator<Item = &'static str>) -> Self {
        self.reasons = reasons.into_iter().map(str::to_owned).collect();
        self
    }
}
