//! Load on a store: the benchmark of `smilepay bench ledger` and the crash test of `smilepay bench crash`.
//! A caller like any other: it uses the public operations only.

mod bench;
mod cluster;
mod crash;
mod race;
mod rig;
mod simulate;
mod worker;

pub use bench::{BenchPlan, BenchReport, BenchRun, BenchStore, bench};
pub use cluster::{Cluster, Disk};
pub use crash::{CrashPlan, CrashReport, crash};
pub use race::{Race, RaceReport, race, race_in};
pub use simulate::{SimulationReport, Violation, simulate, simulate_seed};
pub use worker::{WorkerPlan, crash_worker};
