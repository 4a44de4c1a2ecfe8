//! Makes the files that a registry wants of a release, and nothing but those: archives of the program,
//! a manifest, a list of what is inside, checksums of all and a signature of the checksums.
//!
//! `release` tells the story in three steps, because the archives of a release come from several machines, the
//! checksums from one, and the key is where nothing is compiled: [`release::archive`] for each platform,
//! [`release::sum_up`] and [`release::sign`] once. The tests of the provider call the same functions with a program and
//! a key of their own. Knows nothing of what the program does. Whatever goes wrong is one line for a person, a [`Problem`].

pub mod archive;
pub mod compile;
pub mod parts;
pub mod platform;
mod problem;
pub mod release;
pub mod signing;
pub mod source;
pub mod sums;
pub mod version;

pub use problem::{Problem, Result};

/// The names under which the one program is released: `terraform-provider-NAME`.
pub const NAMES: [&str; 2] = ["novita", "novacloud"];
