//! Every limit on size, count and time of this crate, in one place.

use std::time::Duration;

/// Largest package file or member that is accepted, bytes. The biggest pinned one is 64 MB.
pub const MAX_FILE_BYTES: u64 = 512 << 20;
/// Largest tensor that a conversion handles, elements. SFace's biggest has 6.4 M.
pub const MAX_ELEMENTS: usize = 64 << 20;
/// Most entries that an offline bundle may have.
pub const MAX_BUNDLE_ENTRIES: usize = 1_000;
/// Longest that one package client call may take.
pub const DOWNLOAD_TIME: Duration = Duration::from_secs(30 * 60);
/// Longest that we wait for another process that fetches into the same cache.
pub const LOCK_TIME: Duration = Duration::from_secs(35 * 60);
/// How often a running client and a held lock are looked at.
pub const POLL: Duration = Duration::from_millis(100);
/// How much of a client's complaint is read, bytes from the end.
pub const COMPLAINT_BYTES: u64 = 16 << 10;
/// Longest part of a client's complaint that is shown, characters.
pub const COMPLAINT_SHOWN: usize = 300;
/// Buffer for hashing and copying, bytes.
pub const BUFFER_BYTES: usize = 256 << 10;

/// Largest manifest of somebody else's network (golden vectors included).
pub const MAX_PLUG_BYTES: u64 = 1 << 20;
