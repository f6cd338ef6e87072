//! Do the lips move with the sound? A recording played beside a face, or a face before a microphone that somebody else speaks into,
//! opens its mouth at other moments than the sound swells.
//!
//! Both curves are put on one clock, levelled by their own slow course, and correlated at every small lag; the best one is the
//! reading. A mouth that does not move says 0.

/// A moment on the client's clock, ms, and a value there: how far a mouth is open, or how loud the sound is (dB).
pub type Moment = (f64, f32);

/// Between two moments of the common clock, ms.
const STEP_MS: f64 = 40.0;
/// Lag of the sound behind the picture that is tried, steps: microphones and cameras of one device differ by less than 160 ms.
/// More would let the beat of digits, about two a second, match a beat that is one digit late.
const LAGS: std::ops::RangeInclusive<i64> = -3..=4;
/// Shortest common time, steps (1.2 s), and fewest pictures in it a second.
const FEWEST: usize = 30;
const PICTURES_A_SECOND: f64 = 8.0;
/// Half of the window of a curve's own slow course, and of its smoothing, steps.
const COURSE: usize = 20;
const SMOOTH: usize = 1;
/// Standard deviation of a levelled mouth below which it is still, of the eyes' distance: a silent puppet's tremble stays within
/// a third of it.
const STILL: f32 = 0.006;
/// Loudness below its loudest moment at which sound is silence, dB.
const SILENCE_DB: f32 = 35.0;

/// How closely mouth and sound move together: the highest correlation, −1..=1; 0 for a still mouth. `None`: too little of either.
pub fn lips_with_sound(mouth: &[Moment], sound: &[Moment]) -> Option<f32> {
    let from = mouth.first()?.0.max(sound.first()?.0);
    let to = mouth.last()?.0.min(sound.last()?.0);
    let pictures = mouth.iter().filter(|(at, _)| (from..=to).contains(at)).count();
    #[expect(clippy::cast_precision_loss, reason = "a capture has a few hundred pictures")]
    if !(to - from).is_finite() || (pictures as f64) < PICTURES_A_SECOND * (to - from) / 1_000.0 {
        return None;
    }
    let loudest = sound.iter().map(|(_, db)| *db).fold(f32::MIN, f32::max);
    let floored: Vec<Moment> = sound.iter().map(|(at, db)| (*at, db.max(loudest - SILENCE_DB))).collect();
    let (mouth, sound) = (levelled(&on_clock(mouth, from, to)?), levelled(&on_clock(&floored, from, to)?));
    if mouth.len() < FEWEST {
        return None;
    }
    if deviation(&mouth) < STILL {
        return Some(0.0);
    }
    LAGS.filter_map(|lag| correlation(&mouth, &sound, lag)).reduce(f32::max)
}

/// Values at every step from `from` to `to`, linearly between moments. `None`: the moments are not in order.
fn on_clock(moments: &[Moment], from: f64, to: f64) -> Option<Vec<f32>> {
    const MOST: f64 = 60_000.0;
    if !(0.0..=MOST).contains(&(to - from)) || moments.windows(2).any(|w| matches!(w, [a, b] if b.0 <= a.0)) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 1500 steps")]
    let steps = ((to - from) / STEP_MS) as usize;
    let mut values = Vec::with_capacity(steps);
    let mut next = 1;
    for step in 0..steps {
        #[expect(clippy::cast_precision_loss, reason = "at most 1500")]
        let at = from + step as f64 * STEP_MS;
        while moments.get(next).is_some_and(|m| m.0 < at) {
            next += 1;
        }
        let (a, b) = (moments.get(next - 1)?, moments.get(next).or_else(|| moments.last())?);
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let share = if b.0 > a.0 { ((at - a.0) / (b.0 - a.0)).clamp(0.0, 1.0) as f32 } else { 0.0 };
        values.push(a.1 + (b.1 - a.1) * share);
    }
    Some(values)
}

/// Smoothed, minus the mean of its neighbourhood.
fn levelled(values: &[f32]) -> Vec<f32> {
    let smooth: Vec<f32> = (0..values.len()).map(|at| mean_about(values, at, SMOOTH)).collect();
    (0..smooth.len()).map(|at| smooth.get(at).unwrap_or(&0.0) - mean_about(&smooth, at, COURSE)).collect()
}

fn mean_about(values: &[f32], at: usize, half: usize) -> f32 {
    let part = values.get(at.saturating_sub(half)..(at + half + 1).min(values.len())).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "at most 41")]
    let count = part.len().max(1) as f32;
    part.iter().sum::<f32>() / count
}

#[expect(clippy::cast_precision_loss, reason = "at most 1500")]
fn deviation(values: &[f32]) -> f32 {
    (values.iter().map(|v| v * v).sum::<f32>() / values.len().max(1) as f32).sqrt()
}

/// Pearson's, of `mouth[i]` with `sound[i + lag]`.
fn correlation(mouth: &[f32], sound: &[f32], lag: i64) -> Option<f32> {
    let (ahead, behind) = (usize::try_from(lag.max(0)).ok()?, usize::try_from((-lag).max(0)).ok()?);
    let pairs = mouth.iter().skip(behind).zip(sound.iter().skip(ahead));
    let (mut ab, mut aa, mut bb) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (a, b) in pairs {
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    let scale = (aa * bb).sqrt();
    (scale.is_finite() && scale > f32::MIN_POSITIVE).then(|| (ab / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six digits with uneven gaps, ms.
    const SAID: [(f64, f64); 6] =
        [(400.0, 380.0), (930.0, 450.0), (1_500.0, 300.0), (2_000.0, 520.0), (2_720.0, 340.0), (3_200.0, 420.0)];

    fn swell(at: f64) -> f32 {
        let inside = |(from, lasts): &(f64, f64)| {
            let share = (at - from) / lasts;
            (0.0..1.0).contains(&share).then(|| (std::f64::consts::PI * share).sin())
        };
        SAID.iter().find_map(inside).unwrap_or(0.0) as f32
    }

    fn sound() -> Vec<Moment> {
        (0..200).map(|n| f64::from(n) * 20.0).map(|at| (at, -60.0 + 40.0 * swell(at))).collect()
    }

    fn mouth(late_ms: f64, wide: f32) -> Vec<Moment> {
        (0..60).map(|n| f64::from(n) * 66.0).map(|at| (at, 0.02 + wide * swell(at - late_ms))).collect()
    }

    #[test]
    fn lips_that_move_with_the_sound_agree_and_others_do_not() {
        let reading = |late, wide| lips_with_sound(&mouth(late, wide), &sound()).unwrap();
        assert!(reading(0.0, 0.1) > 0.9, "{}", reading(0.0, 0.1));
        assert!(reading(100.0, 0.1) > 0.8, "{}", reading(100.0, 0.1));
        for late in [450.0, 700.0, 1_000.0, -600.0] {
            assert!(reading(late, 0.1) < 0.6, "{late}: {}", reading(late, 0.1));
        }
        assert_eq!(reading(0.0, 0.0), 0.0, "a still mouth");
    }

    #[test]
    fn too_little_is_no_evidence() {
        assert_eq!(lips_with_sound(&[], &sound()), None);
        assert_eq!(lips_with_sound(&mouth(0.0, 0.1)[..10], &sound()), None, "0.6 s");
        let few: Vec<Moment> = mouth(0.0, 0.1).into_iter().step_by(4).collect();
        assert_eq!(lips_with_sound(&few, &sound()), None, "4 pictures a second");
        let mut back = mouth(0.0, 0.1);
        back.swap(5, 6);
        assert_eq!(lips_with_sound(&back, &sound()), None, "a clock that goes back");
        assert_eq!(lips_with_sound(&[(f64::NAN, 0.0), (f64::NAN, 0.1)], &sound()), None);
    }
}
