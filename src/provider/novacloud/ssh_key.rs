//! `novacloud_ssh_key`: a public key in an account of Nova Cloud, by which VMs are entered.
//!
//! Owns the model and what an answer means. The API never shows a key again, so it is recognised by its fingerprint;
//! what a text must be to be a key stands in [`public_key`].

mod public_key;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value as Json;
use tfplugin::attr::Attr;
use tfplugin::model::Model;
use tfplugin::resource::{ImportId, Plan, Result};
use tfplugin::schema::Timeouts;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{self, Error};
use crate::api::lenient;
use crate::api::resource_kind::{IdFormat, ResourceKind, is_uuid};
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::Change;
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::{FOUND, Stored};
use crate::provider::novacloud::routes;
use crate::provider::novacloud::ssh_key::public_key::PUBLIC_KEY;
use crate::provider::paging::{Element, Steps};
use crate::provider::read_back::{Origin, ReadBack, read_back, read_back_text};

/// Public SSH key in an account of Nova Cloud, for `ssh_key_id` of `novacloud_vm`. An account can have 5 keys.
///
/// A VM receives the key when it is created, and another `ssh_key_id` replaces the VM. To keep VMs when a key is
/// rotated, set `lifecycle { ignore_changes = [ssh_key_id] }` on them. Set `provider = novita`, because the prefix of
/// the type is not the name of the provider.
///
/// Vendor documentation: [Upload SSH key](https://docs.nova-cloud.ai/api-reference/ssh-keys/upload-ssh-key), [SSH
/// keys](https://docs.nova-cloud.ai/guides/ssh-keys).
#[derive(Clone, Model)]
#[tf(snake_case)]
pub(crate) struct SshKey {
    /// ID of the key, a UUID, for `ssh_key_id` of `novacloud_vm`.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// Public key in the format of `authorized_keys`: type, base64-encoded key and an optional comment, such as
    /// `ssh-ed25519 AAAA… me@laptop`. The comment is ignored. The API does not return the key.
    #[tf(required, replace, not_returned, len = 1..=16_000, format = PUBLIC_KEY, canonical = public_key::canonical,
         wire = "ssh_public_key")]
    pub(crate) public_key: Attr<String>,
    /// Label, shown in the console.
    #[tf(optional, replace, default = "Default SSH Key", len = 1..=100)]
    pub(crate) label: Attr<String>,
    /// SHA256 fingerprint, as printed by `ssh-keygen -l`. It is computed from `public_key`; if the API shows a
    /// different fingerprint, the plan replaces the key.
    #[tf(computed)]
    pub(crate) fingerprint: Attr<String>,
    /// Type of the key, such as `ssh-ed25519`.
    #[tf(computed)]
    pub(crate) key_type: Attr<String>,
    /// Time of creation in RFC 3339 format.
    #[tf(computed)]
    pub(crate) created_at: Attr<String>,
}

/// A key as the API shows it, which is without its text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "lenient::text")]
    label: String,
    #[serde(deserialize_with = "lenient::text")]
    key_type: String,
    #[serde(deserialize_with = "lenient::text")]
    fingerprint: String,
    #[serde(deserialize_with = "lenient::text")]
    created_at: String,
}

/// How a key is told from other things.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "SSH key",
    words: &["ssh", "key"],
    not_found: &[],
    wrapper: None,
    bare_id: false,
    id: IdFormat::Uuid,
    is_listed: false,
};

impl Element for Shown {
    const KIND: &'static ResourceKind = &KIND;
    /// No page of the documentation shows one.
    const KEY: &'static str = "ssh_keys";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Answer for Shown {
    const LIST_IS_ASSUMED: bool = true;

    fn list() -> Steps<Self> {
        routes::keys()
    }

    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = error::Result<Self>> + Send + 'a> {
        Some(routes::read_key(client, call, id))
    }

    fn created(&self) -> Option<Timestamp> {
        lenient::time(&self.created_at)
    }
}

impl Stored for SshKey {
    const TYPE: &'static str = "novacloud_ssh_key";
    const THING: &'static str = "SSH key";
    const BY_HAND: &'static str = "Look for this fingerprint in the console.";
    const IMPORT_ID: ImportId = ImportId {
        text: "a UUID",
        example: "4e1d9f0c-6a2b-4c37-9f58-2d7b0a6c1e44",
        found: FOUND,
        fits: is_uuid,
    };
    const TIMEOUTS: Timeouts = Timeouts { create: 300, update: 300, delete: 300 };
    const MATCH: &'static [&'static str] = &["label", "fingerprint"];

    type Answer = Shown;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novacloud()
    }

    fn id(&self) -> &Attr<String> {
        &self.id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.id
    }

    fn is_just_imported(&self) -> bool {
        self.fingerprint.is_null()
    }

    /// Plans what the key itself tells. What the state knows of it is what the API shows: where that is of another key, the
    /// key is made anew.
    fn plan(plan: &mut Plan<Self>) {
        let Some((_, fingerprint)) = plan.planned.public_key.text().and_then(public_key::told) else {
            return;
        };
        if let Some(prior) = &plan.prior {
            let is_another =
                |it: &str| prior.public_key.text().is_some_and(|before| it != public_key::canonical(before));
            if is_another(&public_key::canonical(plan.planned.public_key.text_or_empty())) {
                return; // which replaces by itself
            }
            if prior.fingerprint.text().is_none_or(|it| it == fingerprint) {
                return;
            }
            plan.replace.push("fingerprint");
        }
        plan.planned.tell_of_itself();
    }

    async fn prepare(&mut self, _: &Cx) {
        self.tell_of_itself();
    }

    async fn post(&self, remote: &Remote<'_, Shown>) -> error::Result<Shown> {
        let created = routes::add_key(remote.client, &remote.call, &Json::Object(self.body())).await?;
        Ok(Shown { id: created.id.to_string(), ..created.shown() })
    }

    /// Nothing of a key changes; what is adopted after an import needs no call.
    async fn change(_: &mut Change<'_, Self>) -> Result<()> {
        Ok(())
    }

    /// Where the call is, is a guess: a 404 or 405 says that the key is gone, or that the guess is wrong, and a look tells
    /// which.
    async fn remove(&self, remote: &Remote<'_, Shown>) -> error::Result<()> {
        let id = self.id.text_or_empty();
        let Err(refusal) = routes::delete_key(remote.client, &remote.call, id).await else { return Ok(()) };
        if !matches!(refusal, Error::NotFound(_) | Error::Misconfigured(_)) {
            return Err(refusal);
        }
        match remote.get(id).await {
            Err(Error::NotFound(_)) => Ok(()),
            Err(_) => Err(refusal),
            Ok(_) => Err(Error::Misconfigured(Box::new(refusal.details().clone())).described(
                "API has no such call to delete an SSH key",
                "Its documentation does not show the call, so its place is a guess, and the key still exists. Delete it in the \
                 vendor's console, and take it out of the state with `terraform state rm ADDRESS`. Please report this.",
            )),
        }
    }

    /// Without `..`: a new field asks what it means.
    fn read_back(&mut self, answer: Shown, origin: Origin) -> ReadBack {
        let Shown { id: _, label, key_type, fingerprint, created_at } = answer;
        let mut back = ReadBack::of::<Self>(origin);
        back.learn_text("label", &mut self.label, label);
        read_back_text(&mut self.fingerprint, fingerprint);
        read_back_text(&mut self.key_type, key_type);
        read_back(&mut self.created_at, lenient::time(&created_at).map(|it| it.to_string()));
        back
    }
}

impl SshKey {
    /// Fills in what follows from the key, where that is known.
    fn tell_of_itself(&mut self) {
        if let Some((kind, fingerprint)) = self.public_key.text().and_then(public_key::told) {
            (self.key_type, self.fingerprint) = (kind.into(), fingerprint.into());
        }
    }
}

impl ByName for SshKey {
    const ABOUT: &'static str = "Get an existing public SSH key of a Nova Cloud account.\n\nSet `provider = novita`, because the prefix of the type is not the name of the provider.\n\nVendor documentation: [Get SSH key](https://docs.nova-cloud.ai/api-reference/ssh-keys/get-ssh-key).";
    const KEYS: &'static [(&'static str, &'static str)] = &[("id", "ID of the key, a UUID.")];
    const UNSEEN: &'static [&'static str] = &["public_key"];
}
