//! Whether one delivery is the server's.

use std::io::Read as _;
use std::process::ExitCode;

use service::ports::{Clock as _, SystemClock};
use service::webhook;

use super::{VerifyArgs, secret};
use crate::boot::BootError;
use crate::terminal::say;

/// Largest body that is read.
const BODY_BYTES: u64 = 1 << 20;

pub fn run(args: &VerifyArgs) -> Result<ExitCode, BootError> {
    let secret = match &args.secret_file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|source| BootError::Answered(format!("cannot read {}: {source}", path.display())))?,
        None => secret("WEBHOOK_SECRET")?,
    };
    let header = |name: &str| {
        let found = args.headers.iter().filter_map(|line| line.split_once(':'));
        let mut found = found.filter(|(given, _)| given.trim().eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim()).ok_or_else(|| BootError::Answered(format!("give -H '{name}: …'")))
    };
    let (id, signed) = (header("webhook-id")?, header("webhook-signature")?);
    let at = header("webhook-timestamp")?.parse();
    let at: i64 = at.map_err(|_| BootError::Answered("webhook-timestamp: whole seconds since 1970".to_owned()))?;
    let mut body = Vec::new();
    let read = std::io::stdin().lock().take(BODY_BYTES).read_to_end(&mut body);
    read.map_err(|e| BootError::Answered(format!("cannot read the body: {e}")))?;
    let now = args.at.unwrap_or_else(|| SystemClock.now().as_millis() / 1_000);
    match webhook::check(secret.trim(), id, at, &body, signed, now) {
        Ok(()) => {
            say("ok");
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            say(format_args!("not verified: {why}"));
            Ok(ExitCode::FAILURE)
        }
    }
}
