//! What people read and hear, in their language: one catalogue (Fluent, `locales/`), amounts and dates as each locale writes them. Pure.

mod amount;
mod catalogue;
mod date;
mod language;

pub use amount::{amount, whole};
pub use catalogue::{faults, fill, keys, script, text, variables};
pub use date::{date, day, moment};
pub use language::Language;
