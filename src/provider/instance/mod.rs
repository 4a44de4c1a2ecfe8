//! The resources for Novita's instances, and what those with and without GPUs have in common.

pub(crate) mod billing;
pub(crate) mod calls;
pub(crate) mod check;
pub(crate) mod container;
pub(crate) mod cpu;
pub(crate) mod gpu;
pub(crate) mod life_cycle;
mod lookup;
pub(crate) mod lost;
pub(crate) mod ports;
mod spot;
pub(crate) mod storages;
pub(crate) mod update;

use crate::framework::check::Format;
use crate::framework::model::StringEnum;

/// Whether an instance is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum PowerState {
    Running,
    Stopped,
}

/// The form of a registry login. A fault must not repeat it.
pub(crate) static REGISTRY_LOGIN: Format = Format {
    text: "`username:password`",
    reject: |text| {
        let complete =
            text.split_once(':').is_some_and(|(user, password)| !user.is_empty() && !password.is_empty());
        (!complete).then(|| "The user name, the colon or the password is missing.".to_owned())
    },
};
