//! The resources of Novita AI.

pub(crate) mod account;
pub(crate) mod endpoint;
pub(crate) mod image_prewarm;
pub(crate) mod instance;
pub(crate) mod network;
pub(crate) mod network_storage;
pub(crate) mod registry_auth;
pub(crate) mod template;
mod users;

use tfplugin::attr::Attr;
use tfplugin::resource::{ImportId, Rules};

use crate::provider::life_cycle::stored::FOUND;

/// The form of Novita's ids, which are documented as texts and nothing more.
pub(crate) const fn novita_id(example: &'static str) -> ImportId {
    ImportId {
        text: "at most 255 characters without spaces and slashes",
        example,
        found: FOUND,
        fits: is_novita_id,
    }
}

/// Refuses a text that can be the id of no instance.
pub(crate) fn reject_instance_id(rules: &mut Rules, id: &Attr<String>) {
    if id.text().is_some_and(|it| !is_novita_id(it)) {
        let form = novita_id("6c1be0a94d27f3e8");
        rules.reject(
            "instance_id",
            format!("The id is {}, such as `{}`; {}.", form.text, form.example, form.found),
        );
    }
}

fn is_novita_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 255 && id.bytes().all(|it| it.is_ascii_graphic() && it != b'/')
}
