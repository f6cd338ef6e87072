//! What the machine itself gives to several threads: arithmetic that shares nothing, in registers only.
//!
//! Two processors that are two threads of one core give about one and not two to arithmetic that fills its units, and nearly two to
//! arithmetic that waits for itself. Whatever takes the second processor away (another program, the host) shows in both.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Steps between two looks at the clock.
const STEPS: u64 = 20_000;
/// Independent sums: more than the units hold in flight.
const LANES: usize = 128;

/// Times that `workers` threads get done of what one thread does in the same time.
#[derive(Clone, Copy, Debug)]
pub struct Ceiling {
    /// Each step needs the one before.
    pub waiting: f64,
    /// The floating-point units are full.
    pub filling: f64,
}

/// Measures for `length` with one thread and as long with `workers`, of each kind.
pub fn measure(workers: usize, length: Duration) -> Ceiling {
    let times = |work: fn(Duration) -> f64| per_s(work, workers, length) / per_s(work, 1, length);
    Ceiling { waiting: times(waits_for_itself), filling: times(fills_the_units) }
}

fn per_s(work: fn(Duration) -> f64, workers: usize, length: Duration) -> f64 {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(move || work(length))).collect();
        threads.into_iter().filter_map(|t| t.join().ok()).sum()
    })
}

fn repeat(length: Duration, mut steps: impl FnMut()) -> f64 {
    let (start, mut n) = (Instant::now(), 0_u64);
    while start.elapsed() < length {
        steps();
        n += STEPS;
    }
    n as f64 / start.elapsed().as_secs_f64()
}

fn waits_for_itself(length: Duration) -> f64 {
    let mut x = 1_u64;
    repeat(length, || {
        for _ in 0..STEPS {
            x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
    })
}

fn fills_the_units(length: Duration) -> f64 {
    let mut sums = [1.0_f32; LANES];
    let done = repeat(length, || {
        for _ in 0..STEPS / 100 {
            for sum in &mut sums {
                *sum = *sum * 0.999 + 0.001;
            }
        }
        black_box(&mut sums);
    });
    black_box(sums);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_threads_get_something_done() {
        let found = measure(2, Duration::from_millis(30));
        // How much depends on what else runs; a thread that does nothing would give one half or less.
        assert!(found.waiting > 0.2 && found.waiting < 8.0, "{found:?}");
        assert!(found.filling > 0.2 && found.filling < 8.0, "{found:?}");
    }
}
