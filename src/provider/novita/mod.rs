//! The resources of Novita AI.

pub(crate) mod endpoint;
pub(crate) mod instance;
pub(crate) mod network_storage;

use tfplugin::resource::ImportId;

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

fn is_novita_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 255 && id.bytes().all(|it| it.is_ascii_graphic() && it != b'/')
}
