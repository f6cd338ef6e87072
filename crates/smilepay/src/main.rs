//! The one binary: `serve` · `demo` · `models` · `evaluate` · `bench` · `audit` · `erasure` · `ledger` · `store` · `policy` ·
//! `merchants` · `operators` · `keys` · `privacy` · `hardening` · `webhooks`.
//! Each subcommand lives in `cmd`.

mod boot;
mod casting;
mod cmd;
mod terminal;

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Wipes every piece of memory that is given back: frames, sockets' buffers, decoded pictures, whoever held them.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

const EXAMPLES: &str = "Examples:
  smilepay                          start with a demo shop; fetches what is missing first
  smilepay serve --tls self-signed  for a phone on the same network (prints a QR code)
  smilepay demo                     play the whole scene with a puppet: enrol, buy, smile, receipt
  smilepay models fetch             only fetch the weights and the engine
  smilepay audit verify             check the audit chain
  smilepay ledger check             add all books up

Environment: SMILEPAY_LOG sets what is logged (for example info or debug).";

/// Smile to pay: an open, self-hostable payment server
#[derive(Debug, Parser)]
#[command(name = "smilepay", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(cmd::serve::ServeArgs),
    Demo(cmd::demo::DemoArgs),
    Models(cmd::models::ModelsArgs),
    Evaluate(cmd::evaluate::EvaluateArgs),
    Bench(cmd::bench::BenchArgs),
    Audit(cmd::audit::AuditArgs),
    Ledger(cmd::ledger::LedgerArgs),
    Store(cmd::store::StoreArgs),
    Policy(cmd::policy::PolicyArgs),
    Duplicates(cmd::duplicates::DuplicatesArgs),
    Merchants(cmd::merchants::MerchantsArgs),
    Operators(cmd::operators::OperatorsArgs),
    Erasure(cmd::erasure::ErasureArgs),
    Keys(cmd::keys::KeysArgs),
    Privacy(cmd::privacy::PrivacyArgs),
    Hardening(cmd::hardening::HardeningArgs),
    Webhooks(cmd::webhooks::WebhooksArgs),
    #[command(hide = true)]
    Puppet(cmd::puppet::PuppetArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    match cli.command.unwrap_or_else(serve_with_defaults) {
        Command::Serve(args) => finish(cmd::serve::run(args)),
        Command::Demo(args) => finish(cmd::demo::run(args)),
        Command::Puppet(args) => finish(cmd::puppet::run(args)),
        Command::Models(args) => finish(cmd::models::run(args)),
        Command::Evaluate(args) => finish(cmd::evaluate::run(args)),
        Command::Bench(args) => finish(cmd::bench::run(args)),
        Command::Audit(args) => finish(cmd::audit::run(args)),
        Command::Ledger(args) => finish(cmd::ledger::run(&args)),
        Command::Store(args) => finish(cmd::store::run(args)),
        Command::Policy(args) => finish(cmd::policy::run(args)),
        Command::Keys(args) => finish(cmd::keys::run(args)),
        Command::Hardening(args) => finish(cmd::hardening::run(args)),
        Command::Webhooks(args) => finish(cmd::webhooks::run(args)),
        Command::Privacy(args) => finish(cmd::privacy::run(args)),
        Command::Merchants(args) => finish(cmd::merchants::run(args)),
        Command::Operators(args) => finish(cmd::operators::run(args)),
        Command::Duplicates(args) => finish(cmd::duplicates::run(&args)),
        Command::Erasure(args) => finish(cmd::erasure::run(args)),
    }
}

/// What `smilepay` alone means; environment variables count as for `smilepay serve`.
fn serve_with_defaults() -> Command {
    Command::Serve(cmd::serve::ServeArgs::with_defaults())
}

/// One sentence on standard error and exit code 1 for an error; clap has answered misuse with 2 already.
fn finish(end: Result<ExitCode, impl Display>) -> ExitCode {
    end.unwrap_or_else(|error| {
        terminal::complain(&error);
        ExitCode::FAILURE
    })
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("SMILEPAY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
