use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of the writer since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Jobs answered after a durable commit.
    pub jobs: u64,
    /// Durable commits.
    pub commits: u64,
    /// Largest number of jobs in one commit.
    pub largest_batch: u64,
    /// Rows inserted, changed or deleted by durable commits.
    pub rows: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    jobs: AtomicU64,
    commits: AtomicU64,
    largest: AtomicU64,
    rows: AtomicU64,
}

impl Counters {
    pub(crate) fn committed(&self, jobs: usize, rows: u64) {
        let jobs = u64::try_from(jobs).unwrap_or(u64::MAX);
        self.jobs.fetch_add(jobs, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.largest.fetch_max(jobs, Ordering::Relaxed);
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Stats {
        Stats {
            jobs: self.jobs.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            largest_batch: self.largest.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
        }
    }
}
