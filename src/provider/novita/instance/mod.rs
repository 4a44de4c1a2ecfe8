//! The resources for Novita's instances, and what those with and without GPUs have in common.

pub(crate) mod access;
pub(crate) mod actions;
pub(crate) mod answer;
pub(crate) mod billing;
pub(crate) mod calls;
pub(crate) mod check;
pub(crate) mod container;
pub(crate) mod cpu;
pub(crate) mod gpu;
pub(crate) mod job;
pub(crate) mod kind;
pub(crate) mod list;
pub(crate) mod ports;
pub(crate) mod ssh;
pub(crate) mod storages;
pub(crate) mod update;
pub(crate) mod upgrade;
mod uses;

pub(crate) use crate::provider::life_cycle::rented::PowerState;

use tfplugin::check::Format;

/// The form of a registry login. A fault must not repeat it.
pub(crate) static REGISTRY_LOGIN: Format = Format {
    text: "`username:password`",
    reject: |text| {
        let complete =
            text.split_once(':').is_some_and(|(user, password)| !user.is_empty() && !password.is_empty());
        (!complete).then(|| "The user name, the colon or the password is missing.".to_owned())
    },
};
