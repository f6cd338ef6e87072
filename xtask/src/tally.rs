//! Counts of passed and failed tests, read from what the test runners print.

/// Tests, or checks that count as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    pub fn one(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed) }
    }

    pub fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    /// The counts in a stage's output. A stage that printed none counts as one check; a stage that ended badly has
    /// failed at least once, whatever it printed (a crash, a compile error).
    pub fn of(output: &str, ended_well: bool) -> Self {
        let counted = output
            .lines()
            .filter_map(read_line)
            .fold(None, |sum: Option<Self>, t| Some(sum.unwrap_or_default().plus(t)));
        match counted {
            None => Self::one(ended_well),
            Some(tally) if !ended_well => Self { failed: tally.failed.max(1), ..tally },
            Some(tally) => tally,
        }
    }
}

/// `Summary [1.2s] 49 tests run: 47 passed (1 slow), 2 failed, 0 skipped`, `test result: ok. 3 passed; 0 failed; …`
/// or the browser test's own `12 passed, 0 failed`.
fn read_line(line: &str) -> Option<Tally> {
    let line = line.trim();
    let counts = match line {
        l if l.starts_with("Summary [") => l.split_once("run:").map(|(_, rest)| rest)?,
        l if l.starts_with("test result:") => l.split_once('.').map(|(_, rest)| rest)?,
        l if l.ends_with(" failed") && l.contains(" passed, ") => l,
        _ => return None,
    };
    let number = |word: &str| {
        let parts = counts.split([',', ';', ':']).map(str::trim).map(|p| p.split(' ').collect::<Vec<_>>());
        parts.filter(|p| p.get(1) == Some(&word)).find_map(|p| p.first().and_then(|n| n.parse().ok()))
    };
    let timed_out = number("timed").unwrap_or(0);
    Some(Tally { passed: number("passed")?, failed: number("failed").unwrap_or(0) + timed_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runners_summary_is_read() {
        let table = [
            ("     Summary [   0.487s] 49 tests run: 49 passed, 0 skipped", (49, 0)),
            ("     Summary [  12.487s] 50/60 tests run: 47 passed (1 slow, 2 leaky), 3 failed, 2 skipped", (47, 3)),
            ("     Summary [  12.4s] 3 tests run: 1 passed, 1 failed, 1 timed out, 0 skipped", (1, 2)),
            ("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.13s", (3, 0)),
            (
                "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.13s",
                (3, 2),
            ),
            ("12 passed, 1 failed", (12, 1)),
        ];
        for (line, (passed, failed)) in table {
            assert_eq!(read_line(line), Some(Tally { passed, failed }), "{line}");
        }
        assert_eq!(read_line("the test passed, nothing failed here"), None);
    }

    #[test]
    fn a_bad_end_is_never_a_success() {
        assert_eq!(Tally::of("", true), Tally { passed: 1, failed: 0 });
        assert_eq!(Tally::of("error: could not compile", false), Tally { passed: 0, failed: 1 });
        assert_eq!(Tally::of("5 passed, 0 failed", false), Tally { passed: 5, failed: 1 });
        assert_eq!(
            Tally::of("test result: ok. 3 passed; 0 failed\ntest result: ok. 4 passed; 0 failed", true).passed,
            7
        );
    }
}
