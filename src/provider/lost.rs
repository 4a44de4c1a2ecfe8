//! A create call whose answer got lost: was something made, and what is its id?
//!
//! The call is never repeated. What it may have made is looked for under its name: a name that the
//! provider made belongs to nothing else, so what bears it is taken over. One that a user chose may
//! have been given before, so only the ids are told.

use std::future::Future;

use crate::api::call::Call;
use crate::api::error::{Error, Result};
use crate::api::transport::Client;

/// So often the list is looked at: a new thing may be listed late. A guess.
const LOOKS: u32 = 4;

/// What is looked for.
pub(crate) struct Lost<'a> {
    /// `instance`, without an article.
    pub(crate) thing: &'a str,
    /// The name that was sent.
    pub(crate) name: &'a str,
    /// Whether the provider made that name.
    pub(crate) name_is_ours: bool,
}

impl Lost<'_> {
    /// The id of what was made. `list` gives the ids of everything that has the name now.
    ///
    /// # Errors
    /// It cannot be told: what may exist and what to do about it, in full sentences.
    pub(crate) async fn find<F>(
        &self,
        client: &Client,
        call: &Call,
        list: impl Fn() -> F,
    ) -> std::result::Result<String, String>
    where
        F: Future<Output = Result<Vec<String>>>,
    {
        let Self { thing, name, name_is_ours } = self;
        let found = look(client, call, list).await;
        match &found[..] {
            [id] if *name_is_ours => {
                log::warn!(target: "provider", id = id.as_str(); "found the {thing} whose create answer was lost");
                Ok(id.clone())
            }
            [] => Err(format!(
                "A new {thing} named {name:?} may have been made and may cost money: look for it in the console, \
                 and remove it or import it with its id before you apply again."
            )),
            ids => Err(format!(
                "The name {name:?} is now that of the {thing} with the id {}. If it was not there before, it was \
                 made by this call and costs money: import it with its id, or remove it, before you apply again.",
                ids.join(" and of the one with the id ")
            )),
        }
    }
}

/// What is listed; nothing when nothing was listed in time, or nobody can tell.
async fn look<F>(client: &Client, call: &Call, list: impl Fn() -> F) -> Vec<String>
where
    F: Future<Output = Result<Vec<String>>>,
{
    for _ in 0..LOOKS {
        if call.pause(client.poll_interval()).await.is_err() {
            break;
        }
        match list().await {
            Ok(found) if found.is_empty() => {}
            Ok(found) => return found,
            Err(Error::Stopped(_) | Error::TimedOut(_)) => break,
            Err(error) => log::warn!(target: "provider", "could not look for what was lost: {error}"),
        }
    }
    Vec::new()
}
