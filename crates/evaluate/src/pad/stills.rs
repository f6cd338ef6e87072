//! Stills of `pad.csv`: what a passive network alone makes of single pictures.

use serde::Serialize;

/// One set, judged by one network. Rates are `null` where there is nothing of that kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StillRow {
    pub set: String,
    /// `none`: without a network no single picture is judged.
    pub network: String,
    pub apcer: Option<f64>,
    pub bpcer: Option<f64>,
    pub n_live: usize,
    pub n_attack: usize,
}
