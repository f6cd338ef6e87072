//! Brings a server up: keys, database, face engine, use cases, web. Used by `serve` and by commands that start their own.

mod attestation;
mod engine;
#[cfg(test)]
mod enrolled;
mod error;
pub mod harden;
mod keys;
pub mod kungfu;
mod living;
pub mod options;
pub mod passive;
pub mod plugs;
pub mod policy;
#[cfg(test)]
mod postgres;
pub mod region;
#[cfg(test)]
mod renewal;
#[cfg(test)]
mod restore;
pub mod voice;

use std::path::Path;
use std::sync::Arc;

use models::Progress;
use server::RunningServer;
use service::ports::{SystemClock, SystemEntropy};
use service::{App, AppConfig, AppParts};

pub use engine::{Extras, Loaded, fetch as fetch_models, load as load_models, paths as model_paths};
pub use error::BootError;
pub use keys::{Rooms, audit_keys, audit_public_key, open as open_rooms, receipt_key, vault_config};
pub use options::{DataDirArgs, Options};

/// A server that answers, with what its starter may want to know.
pub struct Site {
    pub server: RunningServer,
    pub app: Arc<App>,
    /// Secret key of the demo shop, where there is one.
    pub shop_key: Option<String>,
    /// Number format of inference.
    pub precision: nn::Kind,
}

/// Everything that is opened before the first request, checked and not yet listening.
pub struct Prepared {
    options: Options,
    policy: decide::Policy,
    attestation: Option<passkey::Attestation>,
    rooms: Rooms,
    loaded: Loaded,
}

/// Fetches what is missing, opens keys and database, loads the networks. Blocks; touches nothing before the options are
/// known to be right.
///
/// # Errors
/// One sentence that says what to do.
pub fn prepare(options: Options, progress: &mut dyn Progress) -> Result<Prepared, BootError> {
    options.check()?;
    let mut policy = options.region.policy(options.policy.as_ref())?;
    let attestation = options.attestation.as_deref().map(attestation::load).transpose()?;
    let plugged = options.passive.as_deref().map(passive::load).transpose()?.unwrap_or_default();
    let plugs = options.plugs.read()?;
    if let Some(calibration) = plugs.calibration()? {
        policy.face.calibration = calibration;
    }
    policy.face.former = plugs.former_calibrations()?;
    policy.check().map_err(|e| BootError::Policy { name: policy.profile.clone(), why: e.to_string() })?;
    let files = engine::fetch(options.cache.as_deref(), progress)?;
    let cache = options.cache.as_deref();
    let extras = Extras {
        voice: options.voice.as_ref().map(|prompts| voice::fetch(cache, prompts, progress)).transpose()?,
        kungfu: if options.kungfu { Some(kungfu::fetch(cache, progress)?) } else { None },
        plugs,
        passive: plugged,
    };
    // Packages were fetched by other programs; from here on there is no need for any.
    let mut hardened = options.hardened.then(|| harden_for(&options, &extras)).transpose()?;
    // The networks take the longest; keys and database are opened meanwhile.
    let (loaded, rooms) = std::thread::scope(|scope| {
        let loading = scope.spawn(|| engine::load(&files, extras, options.precision));
        let rooms = keys::open(&options.data);
        (loading.join().unwrap_or(Err(BootError::EngineCrashed)), rooms)
    });
    let (rooms, loaded) = (rooms?, loaded?);
    if let Some(hardened) = &mut hardened {
        if options.mode == service::Mode::Live {
            harden::close_memory(hardened);
        }
        hardened.log();
    }
    Ok(Prepared { rooms, loaded, options, policy, attestation })
}

fn harden_for(options: &Options, extras: &Extras) -> Result<harden::Hardened, BootError> {
    // A directory that exists can be kept; one that does not would have to be made by its parent's right.
    keys::create_private_dir(&options.data.dir()?)?;
    let cache = match &options.cache {
        Some(dir) => dir.clone(),
        None => models::Cache::default_dir()?.root().to_owned(),
    };
    let mut needs = harden::Needs::of(&options.data, &cache, options.listen.port())?;
    // The operator's own networks lie where the operator put them.
    needs.read.extend(extras.voice.as_ref().and_then(|paths| paths.living.as_ref()).map(|plug| plug.path.clone()));
    needs.read.extend(extras.plugs.files());
    needs.read.extend(extras.passive.iter().map(|network| network.path.clone()));
    Ok(harden::apply(&needs))
}

impl Prepared {
    /// Starts listening. Call inside a tokio runtime.
    ///
    /// # Errors
    /// See [`BootError`].
    pub async fn start(self) -> Result<Site, BootError> {
        let Self { options, policy, attestation, rooms, loaded } = self;
        rooms.replay_erasures().await?;
        let Rooms { vault, store, token_key, shop_key_file } = rooms;
        let config =
            AppConfig { mode: options.mode, capture_workers: options.workers, pinned_steps: options.pinned_steps };
        let language = server::language(&policy.region.language).unwrap_or_default();
        let mut app = App::new(AppParts {
            config,
            store,
            vault,
            analyzers: Arc::new(loaded.models),
            policy,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            token_key,
        })?;
        if let Some(attestation) = attestation {
            app = app.with_attestation(attestation);
        }
        if let Some(models) = loaded.voice {
            app = app.with_voice(models)?;
        }
        if let Some(models) = loaded.kungfu {
            app = app.with_kungfu(models)?;
        }
        let app = Arc::new(app);
        let shop_key = if options.demo_shop { Some(demo_shop(&app, &shop_key_file).await?) } else { None };
        let config = server::Config {
            listen: options.listen,
            tls: options.tls,
            public_url: options.public_url,
            country_header: options.country_header,
            shop_key: shop_key.clone(),
            language,
            ..server::Config::default()
        };
        let server = server::start(config, Arc::clone(&app)).await?;
        Ok(Site { server, app, shop_key, precision: loaded.precision })
    }
}

/// The shop of the key that an earlier start kept, or a new shop.
async fn demo_shop(app: &App, key_file: &Path) -> Result<String, BootError> {
    let known = std::fs::read_to_string(key_file).ok();
    let known = known.as_deref().map(str::trim);
    let shop = service::seed::ensure_shop(app, known).await.map_err(BootError::Shop)?;
    if known != Some(shop.secret_key.as_str()) {
        keys::write_private(key_file, shop.secret_key.as_bytes())?;
    }
    Ok(shop.secret_key)
}
