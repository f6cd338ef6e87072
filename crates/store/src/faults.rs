//! Faults that a simulation asks for at the writer's commit; a store in use has none.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// What happens at the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The process dies before the commit: nothing of the batch is there, nobody is answered.
    CrashBefore,
    /// The process dies after the commit: all of the batch is there, nobody is answered.
    CrashAfter,
    /// The disk is full: nothing of the batch is there, everybody is told.
    DiskFull,
}

/// Shared by the simulation and the writer of its store.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: AtomicU8,
    /// Jobs that the writer waits for before it runs a batch, so that batches do not depend on timing.
    batch: AtomicUsize,
}

impl Faults {
    /// Arms the next batch: how many jobs it has, and how its commit ends.
    pub(crate) fn arm(&self, jobs: usize, fault: Fault) {
        let code = match fault {
            Fault::None => 0,
            Fault::CrashBefore => 1,
            Fault::CrashAfter => 2,
            Fault::DiskFull => 3,
        };
        self.next.store(code, Ordering::SeqCst);
        self.batch.store(jobs, Ordering::SeqCst);
    }

    pub(crate) fn jobs(&self) -> usize {
        self.batch.load(Ordering::SeqCst)
    }

    /// Takes the armed fault; it happens once.
    pub(crate) fn take(&self) -> Fault {
        match self.next.swap(0, Ordering::SeqCst) {
            1 => Fault::CrashBefore,
            2 => Fault::CrashAfter,
            3 => Fault::DiskFull,
            _ => Fault::None,
        }
    }
}
