//! The same verification in processes that share nothing: what is lost between one process with two workers and two with one is
//! ours (locks, allocator, caches of one heap); what two processes lose as well is the machine's.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nn::Precision;

use super::verify::{VerifyArgs, VerifyError};

/// Processes of one worker each, ready to be asked.
pub struct Processes(Vec<Process>);

struct Process {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl Processes {
    /// Starts as many as there are workers, and waits until each is ready.
    pub fn start(args: &VerifyArgs) -> Result<Self, VerifyError> {
        (0..args.workers).map(|_| Process::start(args)).collect::<Result<_, _>>().map(Self)
    }

    /// Verifications a second of all together.
    pub fn load(&mut self, length: Duration) -> Result<f64, VerifyError> {
        let start = Instant::now();
        let done = std::thread::scope(|scope| {
            let threads: Vec<_> =
                self.0.iter_mut().map(|process| scope.spawn(move || process.work(start, length))).collect();
            let done = threads.into_iter().map(|t| t.join().unwrap_or(Err(VerifyError::Worker)));
            done.sum::<Result<u32, _>>()
        })?;
        Ok(f64::from(done) / start.elapsed().as_secs_f64())
    }
}

const fn precision(asked: Precision) -> &'static str {
    match asked {
        Precision::Auto => "auto",
        Precision::Bf16 => "bf16",
        Precision::F32 => "f32",
    }
}

impl Process {
    fn start(args: &VerifyArgs) -> Result<Self, VerifyError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "verify", "--on-request", "--workers", "1", "--precision", precision(args.precision)]);
        if let Some(picture) = &args.picture {
            command.arg("--picture").arg(picture);
        }
        if let Some(cache) = &args.cache {
            command.arg("--cache").arg(cache);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(ask), Some(answer)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(VerifyError::Worker);
        };
        let mut process = Self { child, ask, answer: BufReader::new(answer) };
        process.hear("ready ")?;
        Ok(process)
    }

    fn work(&mut self, start: Instant, length: Duration) -> Result<u32, VerifyError> {
        let mut done = 0;
        while start.elapsed() < length {
            self.ask.write_all(b"\n")?;
            self.hear("")?;
            done += 1;
        }
        Ok(done)
    }

    fn hear(&mut self, begins: &str) -> Result<(), VerifyError> {
        let mut line = String::new();
        if self.answer.read_line(&mut line)? == 0 || !line.starts_with(begins) {
            return Err(VerifyError::Worker);
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It holds nothing that must be put away; waiting keeps it from staying behind as a zombie.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}
