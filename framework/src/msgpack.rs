//! Value ↔ msgpack, under a type.
//!
//! The form in which a client and a provider exchange values ("object wire format" of the plugin
//! protocol). Only the type tells a decimal number from text and opens a dynamic value, so both directions
//! need it. Knows nothing of schemas: that a list block is never null is for the caller to see to, and so
//! is a message without any bytes, which stands for null.

mod decode;
mod encode;
#[cfg(test)]
mod tests;

pub use self::decode::decode;
pub use self::encode::encode;

/// The extension code of an unknown value that comes with refinements. Any other code is a plain unknown.
const REFINED: i8 = 12;

/// The most bytes of refinements that a client reads; more is an error there.
const MAX_REFINEMENT: usize = 1024;

/// What a refinement is about: the keys of the map inside an extension of code [`REFINED`].
mod refinement {
    pub(super) const NULLNESS: i64 = 1;
    pub(super) const PREFIX: i64 = 2;
    pub(super) const LOWER: i64 = 3;
    pub(super) const UPPER: i64 = 4;
    pub(super) const MIN_LEN: i64 = 5;
    pub(super) const MAX_LEN: i64 = 6;
}
