//! `smilepay serve`: the server, with everything it needs fetched, made and opened first.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, ValueEnum};
use liveness::Step;
use nn::Precision;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use server::Tls;
use voice::Language;

use crate::boot::plugs::PlugArgs;
use crate::boot::policy::PolicySource;
use crate::boot::region::RegionSource;
use crate::boot::voice::Prompts;
use crate::boot::{self, BootError, DataDirArgs, Options, Site};
use crate::cmd::models::Bar;
use crate::terminal::{note, say};

const PORT: u16 = 8080;

/// Arguments of `smilepay serve`.
#[derive(Clone, Debug, Args)]
#[command(
    about = "Start the server (the same as smilepay alone)",
    after_help = "Examples:
  smilepay serve                                       http://localhost:8080 with a demo shop and play money
  smilepay serve --tls self-signed                     for phones on this network; prints a QR code
  smilepay serve --listen 127.0.0.1:0 --data-dir DIR   a free port, other data
  smilepay serve --model recogniser.json               another face network (see `smilepay models check`)
  smilepay serve --voice --kungfu                      paying by speaking, and with a tattoo or a pet, as well
  smilepay serve --voice --voice-languages en,zh       digits in Mandarin for browsers that ask for it
  smilepay serve --region china                        its ways to pay, limits, currency and language
  smilepay serve --challenge neutral,smile             every challenge asks for these steps (test mode only)
  smilepay serve --mode live --public-url https://pay.example --master-key credential:smilepay"
)]
pub struct ServeArgs {
    #[command(flatten)]
    data: DataDirArgs,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    cache: Option<PathBuf>,
    /// Address and port [default: 127.0.0.1:8080, with TLS 0.0.0.0:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Browsers give cameras to https and to localhost only
    #[arg(long, value_enum, default_value_t = TlsChoice::Off)]
    tls: TlsChoice,
    /// What the outside calls this server, where a proxy stands in front
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Header in which a proxy in front says the client's country (ISO 3166-1), for the policy's `usual.countries`; the
    /// proxy must always set it
    #[arg(long, value_name = "HEADER")]
    country_header: Option<String>,
    /// Play money and test switches, or real rules only
    #[arg(long, value_enum, default_value_t = ModeChoice::Test)]
    mode: ModeChoice,
    /// Number format of inference: auto, bf16 or f32
    #[arg(long, default_value = "auto", value_parser = boot::options::precision)]
    precision: Precision,
    /// Threads that analyse frames [default: one a core, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    workers: Option<u8>,
    /// Steps that every challenge asks for (test mode only): neutral, smile, turn_left, turn_right
    #[arg(long, value_name = "STEPS", value_delimiter = ',', value_parser = boot::options::step)]
    challenge: Option<Vec<Step>>,
    /// Let payers also pay by speaking; fetches its weights (230 MB) once
    #[arg(long)]
    voice: bool,
    #[command(flatten)]
    plugs: PlugArgs,
    /// Languages of the digits to say: en, zh, de, es, ru, fr, it; a payer gets the page's own where it is among them.
    /// Others than English fetch 146 MB more
    #[arg(long, value_name = "TAGS", value_delimiter = ',', requires = "voice", value_parser = boot::voice::language)]
    voice_languages: Vec<Language>,
    /// Let payers say four English words instead of digits
    #[arg(long, requires = "voice")]
    voice_phrases: bool,
    /// A file that describes an anti-spoofing network of your own for voices (docs/voice.md); none is shipped
    #[arg(long, value_name = "FILE", requires = "voice")]
    voice_living: Option<PathBuf>,
    /// Let payers also pay with a tattoo or a pet; fetches its weights (25 MB) once
    #[arg(long)]
    kungfu: bool,
    /// Passive networks against attacks, by a list such as config/passive/minifasnet.toml
    #[arg(long, value_name = "FILE")]
    passive: Option<PathBuf>,
    /// What is enabled, in which currency and language: china, eu or a file
    #[arg(long, value_name = "REGION|FILE", default_value = "eu")]
    region: RegionSource,
    /// Which makes of passkey devices are taken (docs in SECURITY.md) [default: any, and nothing is asked]
    #[arg(long, value_name = "FILE")]
    attestation: Option<PathBuf>,
    /// The decision policy: eu-rts, china or a file [default: the region's]
    #[arg(long, value_name = "PROFILE|FILE")]
    policy: Option<PolicySource>,
    /// Keep what a server does not need (files outside of its own, core dumps, other programs): for debugging only
    #[arg(long)]
    no_hardening: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TlsChoice {
    Off,
    SelfSigned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModeChoice {
    Test,
    Live,
}

impl ServeArgs {
    /// What `smilepay` alone means.
    pub fn with_defaults() -> Self {
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            serve: ServeArgs,
        }
        Alone::parse_from(["smilepay"]).serve
    }

    fn options(self) -> Options {
        let tls = match self.tls {
            TlsChoice::Off => Tls::Off,
            TlsChoice::SelfSigned => Tls::SelfSigned,
        };
        let mode = match self.mode {
            ModeChoice::Test => service::Mode::Test,
            ModeChoice::Live => service::Mode::Live,
        };
        let address = if tls == Tls::Off { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
        Options {
            data: self.data,
            cache: self.cache,
            listen: self.listen.unwrap_or(SocketAddr::new(IpAddr::V4(address), PORT)),
            tls,
            public_url: self.public_url,
            country_header: self.country_header,
            mode,
            precision: self.precision,
            workers: self.workers.map_or_else(boot::options::default_workers, usize::from),
            pinned_steps: self.challenge,
            voice: self.voice.then_some(Prompts {
                languages: self.voice_languages,
                phrases: self.voice_phrases,
                living: self.voice_living,
            }),
            kungfu: self.kungfu,
            passive: self.passive,
            region: self.region,
            attestation: self.attestation,
            policy: self.policy,
            plugs: self.plugs,
            demo_shop: mode == service::Mode::Test,
            hardened: !self.no_hardening,
        }
    }
}

/// Serves until it is told to stop.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: ServeArgs) -> Result<ExitCode, BootError> {
    let begun = Instant::now();
    let options = args.options();
    let data = options.data.dir()?;
    let tls = options.tls;
    let mut bar = Bar::new();
    let prepared = boot::prepare(options, &mut bar)?;
    drop(bar);
    let runtime =
        tokio::runtime::Runtime::new().map_err(|source| BootError::Write { path: "a runtime".into(), source })?;
    runtime.block_on(async {
        let site = prepared.start().await?;
        greet(&site, &data.display().to_string(), begun);
        if tls == Tls::SelfSigned {
            show_qr(&site);
        }
        told_to_stop().await;
        note("stopping: open payments are finished first");
        site.server.shutdown().await?;
        Ok(ExitCode::SUCCESS)
    })
}

fn greet(site: &Site, data: &str, begun: Instant) {
    let mode = match site.app.mode() {
        service::Mode::Test => "test mode: play money",
        service::Mode::Live => "live mode",
    };
    say(format_args!("Smilepay {} is ready at {}", env!("CARGO_PKG_VERSION"), site.server.base_url));
    note(format_args!("  {mode}"));
    note(format_args!("  data in {data}"));
    note(format_args!(
        "  inference in {}, ready after {:.1} s; Ctrl-C stops",
        site.precision,
        begun.elapsed().as_secs_f64()
    ));
}

/// The address as other machines on the network see it, for a phone's camera.
fn show_qr(site: &Site) {
    let Some(lan) = server::lan_address() else {
        return note("  no network address was found, so there is no QR code for a phone");
    };
    let url = format!("https://{}/", SocketAddr::new(lan, site.server.addr.port()));
    note(format_args!("  on a phone in this network: {url} (the browser asks once about the certificate)"));
    if let Ok(code) = QrCode::new(url.as_bytes()) {
        note(code.render::<Dense1x2>().quiet_zone(true).build());
    }
}

/// Ctrl-C, or what service managers send.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminated) = terminated {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without a handler the system's own ends the process.
    let _ = interrupted.await;
}
