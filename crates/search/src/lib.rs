//! Exact 1:N search over unit vectors in memory.
//!
//! An [`Index`] keeps each vector twice: as 8-bit values, sixteen vectors interleaved to a block, which one pass reads at the
//! memory's own speed, and as f32, of which only the few candidates are read. The pass keeps every vector whose 8-bit
//! cosine is within twice the proven error bound of the best ones (`quantise`), so that the answer after rescoring is the one
//! that comparing all f32 vectors would give.
//!
//! The memory is locked against swapping where the system allows it and wiped when it is given up. What a vector stands for,
//! and what a cosine means, is known elsewhere: nothing here accepts or denies.
//!
//! Unsafe code: the AVX-512 kernel only (`vnni`), behind a run-time check of the processor.

mod block;
mod error;
mod exact;
mod index;
pub mod limits;
mod memory;
mod quantise;
mod scan;
mod segment;
#[cfg(target_arch = "x86_64")]
mod vnni;

pub use error::SearchError;
pub use index::{Hit, Index};
pub use scan::Kernel;
