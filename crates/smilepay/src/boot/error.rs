use std::path::PathBuf;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    #[error("--challenge pins the steps and exists for tests: leave it out, or start with --mode test")]
    PinnedInLiveMode,
    #[error("a live server needs --tls self-signed, or a proxy with TLS in front and --public-url https://…")]
    LiveWithoutTls,
    #[error("no data directory is known: give one with --data-dir")]
    NoDataDir,
    #[error(
        "the keys of {keys} enrolled faces are here but {database} is missing: restore it, or choose an empty --data-dir"
    )]
    DatabaseMissing { keys: usize, database: store::Location },
    #[error("cannot write {}: {source}", .path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("the inference engine crashed while it was loading: run `smilepay models verify`")]
    EngineCrashed,
    #[error("{path} cannot be used: {why}", path = .path.display())]
    Attestation { path: std::path::PathBuf, why: String },
    #[error("the region {name} cannot be used: {why}")]
    Region { name: String, why: String },
    #[error("the policy {name} cannot be used: {why}")]
    Policy { name: String, why: String },
    #[error("the anti-spoofing network of {} cannot be used: {what}", .path.display())]
    Living { path: PathBuf, what: String },
    #[error("the passive networks of {name} cannot be used: {why}")]
    Passive { name: String, why: String },
    #[error("an erasure proof in the database cannot be read: the database was changed from outside")]
    Proof,
    #[error("the server that holds the key store does not answer: look whether it runs, or stop it and try again")]
    NoAnswer,
    #[error("{0}")]
    Answered(String),
    #[error("{0}")]
    Service(String),
    #[error("cannot open the demo shop: {0}")]
    Shop(service::Error),
    #[error(transparent)]
    Models(#[from] models::ModelsError),
    #[error(transparent)]
    Engine(#[from] nn::NnError),
    #[error(transparent)]
    Face(#[from] face::FaceError),
    #[error(transparent)]
    Voice(#[from] voice::VoiceError),
    #[error(transparent)]
    Kungfu(#[from] kungfu::KungfuError),
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    App(#[from] service::StartError),
    #[error(transparent)]
    Server(#[from] server::ServerError),
}
