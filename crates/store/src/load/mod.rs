//! Load on a store: the benchmark of `smilepay bench ledger` and the crash test of `smilepay bench crash`.
//! A caller like any other: it uses the public operations only.

mod bench;
mod cluster;
mod crash;
mod rig;
mod worker;

pub use bench::{BenchPlan, BenchReport, BenchRun, bench};
pub use cluster::Cluster;
pub use crash::{CrashPlan, CrashReport, crash};
pub use worker::{WorkerPlan, crash_worker};
