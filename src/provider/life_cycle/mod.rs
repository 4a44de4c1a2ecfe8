//! The one life cycle: how a thing is made, waited for, read, changed and removed, whoever the vendor is.
//!
//! An author writes [`stored::Stored`] or [`rented::Rented`] for a model and [`remote::Answer`] for what the API
//! shows of it; everything between is here. What is doubtful never costs a machine: only what was read ends a
//! wait ([`waiter`], by [`judge`]), only two witnesses make a thing gone ([`read`]), and a create call is never
//! sent twice ([`recovery`]). Knows no vendor: no status, no path and no attribute but those that all have.

pub(crate) mod by_name;
pub(crate) mod change;
pub(crate) mod choice;
mod create;
#[cfg(test)]
pub(crate) mod fake;
mod in_flight;
pub(crate) mod judge;
pub(crate) mod list_cache;
pub(crate) mod named;
pub(crate) mod pace;
pub(crate) mod phase;
mod read;
mod recovery;
pub(crate) mod remote;
mod removal;
pub(crate) mod rented;
pub(crate) mod selection;
pub(crate) mod stored;
mod tries;
pub(crate) mod waiter;

use tfplugin::resource::{DynResource, resource};

use crate::provider::clients::Clients;
use crate::provider::life_cycle::rented::{Rented, RentedLife};
use crate::provider::life_cycle::stored::{Stored, StoredLife};

/// The table's entry for what is stored.
pub(crate) fn stored<S: Stored>() -> Box<dyn DynResource<Clients>> {
    resource::<StoredLife<S>>()
}

/// The table's entry for what is rented.
pub(crate) fn rented<R: Rented>() -> Box<dyn DynResource<Clients>> {
    resource::<RentedLife<R>>()
}
