//! The provider against the real APIs, for maintainers who pay for it.
//!
//! [`run()`] rents the cheapest product in stock of each resource, one at a time and within a price cap, lets a
//! real CLI create, change and destroy it, and sweeps up behind itself whatever happened. [`sweep()`] removes
//! what earlier runs left. Both know the APIs through calls of their own, so that a fault of the provider does
//! not hide what it left behind. Start reading at `run`, then `sweep`.

mod case;
mod cli;
mod cloud;
mod notes;
mod run;
mod settings;
mod shop;
mod sweep;

use std::io::{self, Write};

pub use settings::{Account, Kind, Settings};

/// Begins the name of everything that a run makes. What bears another name is never touched.
pub const PREFIX: &str = "tf-acc-";

/// Runs the suite and sweeps up. Whether everything was as it should be.
///
/// # Errors
/// The report cannot be written, or there are no means to run at all.
pub fn run(settings: &Settings, out: &mut dyn Write) -> io::Result<bool> {
    runtime()?.block_on(run::run(settings, out))
}

/// Removes what runs left behind. Whether nothing is left.
///
/// # Errors
/// The report cannot be written, or there are no means to run at all.
pub fn sweep(settings: &Settings, out: &mut dyn Write) -> io::Result<bool> {
    runtime()?.block_on(sweep::sweep(settings, PREFIX, None, out))
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
