//! `novita_registry_auth`: a login for a private image registry, saved in the account.
//!
//! Nothing of one can be changed, and its password is never read back: the list shows it in clear or masked, and
//! neither belongs into a state.

pub(crate) mod list;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tfplugin::attr::Attr;
use tfplugin::diagnostics::Diagnostic;
use tfplugin::model::Model;
use tfplugin::resource::{ImportId, Result, Rules};
use tfplugin::schema::Timeouts;

use crate::api::client::Client;
use crate::api::error;
use crate::api::lenient;
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::Change;
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::novita_id;
use crate::provider::novita::users::users;
use crate::provider::paging::{Element, Steps};
use crate::provider::read_back::{Origin, ReadBack};

/// Login for a private image registry, saved in the account of Novita AI. Instances and endpoints refer to it by its
/// ID.
///
/// It is free of charge. Any change replaces it, and the new login has a new ID: instances that use it are updated in
/// place, which recreates their container, and endpoints are updated. Set `create_before_destroy`, because a login in
/// use cannot be deleted. The login is checked only when an image is pulled.
///
/// Vendor documentation: [Create container registry
/// auth](https://novita.ai/docs/api-reference/gpu-instance-create-container-registry-auth).
#[derive(Clone, Model)]
pub(crate) struct RegistryAuth {
    /// ID of the login, for `image_auth_id` of instances and templates, `image.auth_id` of endpoints and
    /// `registry_auth_id` of image prewarms.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// Name, shown in the console, usually the host name of the registry, such as `ghcr.io`. It need not be unique.
    #[tf(required, replace, len = 1..=i64::MAX)]
    pub(crate) name: Attr<String>,
    /// User name for the registry.
    #[tf(required, replace, len = 1..=i64::MAX)]
    pub(crate) username: Attr<String>,
    /// Password or token for the registry. It is stored in the state; prefer `password_wo`. Set exactly one of the
    /// two.
    #[tf(optional, sensitive, replace, not_returned, len = 1..=i64::MAX)]
    pub(crate) password: Attr<String>,
    /// Same as `password`, but never stored.
    #[tf(optional, sensitive, write_only, replace, len = 1..=i64::MAX, wire = "password")]
    pub(crate) password_wo: Attr<String>,
    /// Change this number whenever `password_wo` changes.
    #[tf(optional, replace, not_returned, no_wire)]
    pub(crate) password_wo_version: Attr<i64>,
}

/// A login as the list shows it, without its password.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Login {
    #[serde(deserialize_with = "lenient::text")]
    id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) name: String,
    #[serde(deserialize_with = "lenient::text")]
    username: String,
}

/// How a login is told from other things. By which name the API says that there is none is not documented (assumed).
const KIND: ResourceKind = ResourceKind {
    noun: "auth",
    words: &["auth", "registry", "repository", "credential"],
    not_found: &["IMAGE_AUTH_NOT_FOUND"],
    wrapper: None,
    is_listed: false,
    bare_id: false,
    id: IdFormat::Text,
};

impl Element for Login {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "data";

    fn id(&self) -> &str {
        &self.id
    }
}

/// No call reads one, and the list comes in one answer.
impl Answer for Login {
    fn list() -> Steps<Self> {
        Steps::whole("/repository/auths")
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Stored for RegistryAuth {
    const TYPE: &'static str = "novita_registry_auth";
    const THING: &'static str = "registry auth";
    const BY_HAND: &'static str = "Look for this name in the console.";
    const IMPORT_ID: ImportId = novita_id("auth-5d20c4f1");
    const TIMEOUTS: Timeouts = Timeouts { create: 300, update: 300, delete: 600 };
    const COSTS: bool = false;
    const TELLS_ID: bool = false;
    const MATCH: &'static [&'static str] = &["username"];

    type Answer = Login;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novita()
    }

    fn id(&self) -> &Attr<String> {
        &self.id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.id
    }

    fn name_mut(&mut self) -> Option<&mut Attr<String>> {
        Some(&mut self.name)
    }

    fn is_just_imported(&self) -> bool {
        self.username.is_null()
    }

    fn validate(&self, rules: &mut Rules) {
        rules.exclusive(&[("password", self.password.is_set()), ("password_wo", self.password_wo.is_set())]);
        rules.needs(("password_wo_version", &self.password_wo_version), ("password_wo", &self.password_wo));
    }

    fn validate_creation(&self, rules: &mut Rules) {
        if self.password.is_null() && self.password_wo.is_null() {
            rules.reject("password", "A login needs `password` or `password_wo`.");
        }
    }

    async fn post(&self, remote: &Remote<'_, Login>) -> error::Result<Login> {
        let (path, body) = ("/repository/auth/save", Json::Object(self.body()));
        let created = remote.client.create_untold(&remote.call, &KIND, path, &body).await?;
        Ok(Login { id: created.map(|it| it.id.to_string()).unwrap_or_default(), ..Login::default() })
    }

    /// There is no call: what is adopted after an import is true already.
    async fn change(_: &mut Change<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn remove(&self, remote: &Remote<'_, Login>) -> error::Result<()> {
        let body = json!({"id": self.id.text_or_empty()});
        remote.post_removal("/repository/auth/delete", &body).await
    }

    async fn users(cx: &Cx, id: &str) -> Vec<String> {
        let instance = |it: &Instance| it.image_auth_id.eq_ignore_ascii_case(id);
        users(cx, instance, |it| it.image.auth_id.eq_ignore_ascii_case(id)).await
    }

    /// Without `..`: a new field asks what it means.
    fn read_back(&mut self, answer: Login, origin: Origin) -> ReadBack {
        let Login { id: _, name, username } = answer;
        let mut back = ReadBack::of::<Self>(origin);
        back.learn_text("name", &mut self.name, name);
        back.learn_text("username", &mut self.username, username);
        back
    }

    fn why_gone(&self) -> Option<Diagnostic> {
        let detail = format!(
            "The registry auth {} is not in the account any more. The next apply saves it anew, under another id: what \
             names it is changed too, which resets the containers of instances.",
            self.id.text_or_empty()
        );
        Some(Diagnostic::warning("Registry auth is gone", detail))
    }
}

impl ByName for RegistryAuth {
    const ABOUT: &'static str = "Get an existing registry login of the Novita AI account. Its password is never returned.\n\nVendor documentation: [List container registry auths](https://novita.ai/docs/api-reference/gpu-instance-list-container-registry-auth).";
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("id", "ID of the login. Set exactly one of `id` and `name`."),
        (
            "name",
            "Exact name of the login. Set exactly one of `id` and `name`. A name that several logins have is an error.",
        ),
    ];
    const UNSEEN: &'static [&'static str] = &["password", "password_wo", "password_wo_version"];
}
