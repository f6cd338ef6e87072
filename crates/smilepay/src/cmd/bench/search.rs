//! `smilepay bench search`: exact 1:N search against the memory's own speed and against brute force.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use search::{Index, SearchError};
use serde::Serialize;

use super::verify::quantile;
use crate::terminal::{note, say};

/// Exit code when a search did not find what brute force finds.
const WRONG: u8 = 3;
/// Values of a vector, as the shipped recogniser makes them.
const DIMENSIONS: usize = 128;
/// Queries of one batch.
const BATCH: usize = 256;
/// Pairs of timed passes.
const PASSES: usize = 25;

#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Vectors in the index
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=16_000_000))]
    vectors: u64,
    /// Queries whose best hit is compared with brute force
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    queries: u64,
    /// Draws the vectors
    #[arg(long, default_value_t = 1948, value_name = "N")]
    seed: u64,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum SearchBenchError {
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
}

/// What was measured, on one core; times are medians.
#[derive(Debug, Serialize)]
struct SearchReport {
    vectors: u64,
    dimensions: usize,
    kernel: &'static str,
    scanned_bytes: usize,
    locked_bytes: usize,
    query_ms: f64,
    query_gb_per_s: f64,
    read_gb_per_s: f64,
    share_of_read: f64,
    batched_query_ms: f64,
    queries: u64,
    top1_equal: u64,
}

/// Runs the command.
pub fn run(args: &SearchArgs) -> Result<ExitCode, SearchBenchError> {
    let mut dice = Dice(args.seed);
    let mut index = Index::new(DIMENSIONS)?;
    note(format_args!("drawing {} vectors", args.vectors));
    for key in 0..args.vectors {
        index.insert(u128::from(key), &dice.unit())?;
    }
    let queries = Queries { seed: args.seed, vectors: args.vectors };
    let mut report = speed(&index, &queries)?;
    note(format_args!("comparing {} queries with brute force", args.queries));
    report.queries = args.queries;
    report.top1_equal = check(&index, &queries, args.queries)?;
    show(&report);
    if let Some(path) = &args.json {
        let failed = |source| SearchBenchError::File { path: path.clone(), source };
        let text = serde_json::to_string_pretty(&report).map_err(|e| failed(e.into()))?;
        std::fs::write(path, text).map_err(failed)?;
    }
    Ok(if report.top1_equal == report.queries { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}

fn speed(index: &Index, queries: &Queries) -> Result<SearchReport, SearchError> {
    let bytes = index.scanned_bytes();
    let seconds = |start: Instant| start.elapsed().as_secs_f64();
    let batch: Vec<Vec<f32>> = (0..BATCH as u64).map(|i| queries.get(i)).collect();
    let borrowed: Vec<&[f32]> = batch.iter().map(Vec::as_slice).collect();
    // A plain buffer of the same size is a second yardstick, so that ours is not flattered by a slow first one.
    let plain = vec![1_u64; bytes / 8];
    let (mut query, mut read, mut share) = (Vec::new(), Vec::new(), Vec::new());
    for one in borrowed.iter().cycle().take(PASSES) {
        let start = Instant::now();
        std::hint::black_box(index.read_only());
        let own = seconds(start);
        let start = Instant::now();
        std::hint::black_box(plain.iter().fold(0, |a, b| a ^ b));
        let fastest = own.min(seconds(start));
        let start = Instant::now();
        std::hint::black_box(index.search(one, 1, -1.0)?);
        query.push(seconds(start));
        read.push(fastest);
        share.push(fastest / query.last().copied().unwrap_or(f64::NAN));
    }
    drop(plain);
    let start = Instant::now();
    std::hint::black_box(index.search_batch(&borrowed, 1, -1.0)?);
    let batched_query_ms = seconds(start) * 1e3 / BATCH as f64;
    let (query, read) = (quantile(query, 0.5), quantile(read, 0.5));
    Ok(SearchReport {
        vectors: queries.vectors,
        dimensions: DIMENSIONS,
        kernel: index.kernel().as_str(),
        scanned_bytes: bytes,
        locked_bytes: index.locked_bytes(),
        query_ms: query * 1e3,
        query_gb_per_s: bytes as f64 / query / 1e9,
        read_gb_per_s: bytes as f64 / read / 1e9,
        share_of_read: quantile(share, 0.5),
        batched_query_ms,
        queries: 0,
        top1_equal: 0,
    })
}

/// Queries whose best hit is bit for bit the one of brute force.
fn check(index: &Index, queries: &Queries, count: u64) -> Result<u64, SearchError> {
    let mut equal = 0;
    for start in (0..count).step_by(BATCH) {
        let batch: Vec<Vec<f32>> = (start..count.min(start + BATCH as u64)).map(|i| queries.get(i)).collect();
        let borrowed: Vec<&[f32]> = batch.iter().map(Vec::as_slice).collect();
        let quick = index.search_batch(&borrowed, 1, -1.0)?;
        let slow = index.brute_force_batch(&borrowed)?;
        let same = quick.iter().zip(&slow).filter(|(q, s)| {
            q.first().zip(s.as_ref()).is_some_and(|(q, s)| q.key == s.key && q.cosine.to_bits() == s.cosine.to_bits())
        });
        equal += same.count() as u64;
        note(format_args!("{} of {count} compared", start + batch.len() as u64));
    }
    Ok(equal)
}

fn show(report: &SearchReport) {
    let SearchReport { vectors, dimensions, kernel, query_ms, query_gb_per_s, read_gb_per_s, share_of_read, .. } =
        report;
    say(format_args!(
        "{vectors} vectors of {dimensions}, {kernel}, one core: {query_ms:.2} ms a query = {query_gb_per_s:.1} GB/s, \
         {:.0} % of the {read_gb_per_s:.1} GB/s of reading alone (median of {PASSES} pairs)",
        share_of_read * 100.0
    ));
    say(format_args!("in batches of {BATCH}: {:.3} ms a query", report.batched_query_ms));
    say(format_args!("top-1 equal to f32 brute force: {} of {} queries", report.top1_equal, report.queries));
}

/// Queries in turns: a stranger, and views of enrolled people at cosines of about 0.95 down to 0.3.
struct Queries {
    seed: u64,
    vectors: u64,
}

impl Queries {
    const NOISE: [f32; 4] = [0.3, 0.9, 1.6, 3.0];

    fn get(&self, number: u64) -> Vec<f32> {
        let mut dice = Dice(self.seed ^ (number + 1).wrapping_mul(0xd134_2543_de82_ef95));
        let stranger = dice.unit();
        let Some(noise) = (number % 5).checked_sub(1).and_then(|i| Self::NOISE.get(usize::try_from(i).unwrap_or(0)))
        else {
            return stranger;
        };
        let person = Dice::vector(self.seed, dice.next() % self.vectors);
        unit(person.iter().zip(&stranger).map(|(p, s)| p + noise * s).collect())
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, seedable and good enough for directions.
struct Dice(u64);

impl Dice {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    /// Numbers that one vector takes.
    const PER_VECTOR: u64 = DIMENSIONS as u64 * 4;

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(Self::STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> Vec<f32> {
        let mut value = || (self.next() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        // Sums of four are near enough to a bell curve for an even spread of directions.
        unit((0..DIMENSIONS).map(|_| value() + value() + value() + value()).collect())
    }

    /// The vector that was drawn as number `key` of the index.
    fn vector(seed: u64, key: u64) -> Vec<f32> {
        Self(seed.wrapping_add(Self::STEP.wrapping_mul(key.wrapping_mul(Self::PER_VECTOR)))).unit()
    }
}

fn unit(mut v: Vec<f32>) -> Vec<f32> {
    let length = v.iter().map(|x| x * x).sum::<f32>().sqrt();
    v.iter_mut().for_each(|x| *x /= length);
    v
}
