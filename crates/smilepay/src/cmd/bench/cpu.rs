//! CPU time: a figure that other programs on the machine hardly change.

/// Milliseconds of CPU time of this whole program; `None` where the system does not tell.
///
/// Of the program, not of a thread: with several streams the inference engine runs a network on threads of its own, so a worker's
/// own clock shows next to nothing.
#[cfg(unix)]
#[expect(clippy::cast_precision_loss, clippy::unnecessary_wraps, reason = "milliseconds below 2^52; others have none")]
pub fn cpu_ms() -> Option<f64> {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(t.tv_sec as f64 * 1e3 + t.tv_nsec as f64 / 1e6)
}

#[cfg(not(unix))]
pub fn cpu_ms() -> Option<f64> {
    None
}

/// CPU milliseconds since `earlier`; 0 where they are not known.
pub fn cpu_since(earlier: Option<f64>) -> f64 {
    cpu_ms().zip(earlier).map_or(0.0, |(now, then)| now - then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn work_on_any_thread_counts() {
        let begun = cpu_ms();
        let work = move || {
            let (start, mut x) = (std::time::Instant::now(), 1_u64);
            while start.elapsed().as_millis() < 2_000 && cpu_since(begun) < 20.0 {
                x = std::hint::black_box(x.wrapping_mul(6_364_136_223_846_793_005));
            }
        };
        std::thread::spawn(work).join().unwrap();
        assert!(cpu_since(begun) >= 20.0);
    }
}
