//! One run of a decoder: several chains of tokens side by side, each blind to the others.

use nn::Session;

use super::DECODER_OUTPUT;
use crate::error::VoiceError;

/// What may not be looked at.
const HIDDEN: f32 = -1e9;

/// Writes tokens, positions and the mask: each token sees itself and the earlier ones of its own chain. `length`: tokens of a run.
pub(super) fn fill(decoder: &mut Session, length: usize, chains: &[Vec<u32>]) -> Result<(), VoiceError> {
    if chains.iter().map(Vec::len).sum::<usize>() > length {
        return Err(VoiceError::TooManyWords);
    }
    let mut ids = vec![0.0_f32; length];
    let mut positions = vec![0.0_f32; length];
    let mut mask = vec![HIDDEN; length * length];
    // Unused tokens look at themselves only.
    mask.chunks_exact_mut(length)
        .enumerate()
        .for_each(|(at, row)| row.iter_mut().skip(at).take(1).for_each(|v| *v = 0.0));
    let mut first = 0;
    for chain in chains {
        let rows = mask.chunks_exact_mut(length).skip(first);
        let places = ids.iter_mut().zip(&mut positions).skip(first);
        for (place, ((token, (id, position)), row)) in chain.iter().zip(places).zip(rows).enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "below 2^16 words and 64 places")]
            let (word, at) = (*token as f32, place as f32);
            (*id, *position) = (word, at);
            row.iter_mut().skip(first).take(place + 1).for_each(|v| *v = 0.0);
        }
        first += chain.len();
    }
    decoder.input_named("ids")?.copy_from_slice(&ids);
    decoder.input_named("positions")?.copy_from_slice(&positions);
    decoder.input_named("mask")?.copy_from_slice(&mask);
    Ok(())
}

/// Runs it over one hearing and gives `told` rows of each chain, those that predict its last tokens (and what would follow: `after`
/// rows more), as log probabilities over all `answers`, to `take(row, values)`.
pub(super) fn rows(
    decoder: &mut Session,
    (length, answers): (usize, usize),
    cross: &[f32],
    chains: &[Vec<u32>],
    (told, after): (usize, usize),
    mut take: impl FnMut(usize, &[f32]),
) -> Result<(), VoiceError> {
    decoder.input_named("cross")?.copy_from_slice(cross);
    let logits = decoder.run_filled()?.named(DECODER_OUTPUT, length * answers)?;
    let mut end = 0;
    for chain in chains {
        end += chain.len();
        // The token before another predicts it.
        let begin = end - told - 1;
        for (row, values) in logits.chunks_exact(answers).skip(begin).take(told + after).enumerate() {
            take(row, values);
        }
    }
    Ok(())
}

/// Log of the sum of exponentials.
pub(super) fn log_sum(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = values.clone().fold(f32::MIN, f32::max);
    most + values.map(|v| (v - most).exp()).sum::<f32>().ln()
}
