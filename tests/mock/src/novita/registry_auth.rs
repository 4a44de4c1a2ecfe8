//! Registry auths: save (twins are allowed), list in one answer, delete (not while something names it). None can be
//! changed.

use serde_json::{Value, json};

use super::Novita;
use super::instance::parse::text;
use super::instance::status;
use super::seed::RegistryAuth;
use crate::answer::{Answer, Refusal, Result};
use crate::novita::style::Actions;
use crate::style::{Subject, Switch, Thing, fill};

impl Novita {
    /// Saves a login. The documented answer does not tell its id.
    pub(super) fn save_auth(&mut self, body: &Value) -> Answer {
        let id = self.new_id();
        let id = self.object_id(format!("auth-{}", &id[..8]));
        let [name, username, password] = ["name", "username", "password"].map(|it| text(body, it));
        self.registry_auths.push(RegistryAuth { id: id.clone(), name, username, password });
        self.created.companion += 1;
        if self.platform.holds(Switch::AuthSavedEmpty, &id) {
            return Answer { status: 204, ..Answer::empty() };
        }
        if self.platform.holds(Switch::AuthIdInAnswer, &id) {
            return self.created(&id);
        }
        Answer::json(200, &json!({}))
    }

    /// All of them: this list has no pages.
    pub(super) fn list_auths(&self, now: u64) -> Answer {
        let listed = self.past_auths.listed(&self.platform, now, &self.registry_auths);
        let items = listed.iter().map(|it| self.show_auth(it)).collect();
        Answer::json(200, &json!({"data": self.items(items)}))
    }

    pub(super) fn delete_auth(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "id");
        if !self.registry_auths.iter().any(|it| it.id == id) {
            return Err(Refusal::new(400, "RESOURCE_NOT_FOUND", "registry auth not found"));
        }
        let instances = self.instances.iter().filter(|it| it.status != status::REMOVED);
        let mut named = instances.map(|it| &it.image_auth_id);
        if named.any(|it| *it == id) || self.endpoints.iter().any(|it| it.image.auth_id == id) {
            return Err(Refusal::new(400, "IMAGE_AUTH_IN_USE", "the registry auth is in use"));
        }
        self.registry_auths.retain(|it| it.id != id);
        Ok(self.done(&id, "", Actions::Object))
    }

    fn show_auth(&self, it: &RegistryAuth) -> Value {
        let masked = self.platform.holds(Switch::PasswordsMasked, &it.id);
        let password = if masked { "******" } else { it.password.as_str() };
        let mut shown = json!({"id": it.id, "name": it.name, "username": it.username, "password": password});
        fill(&self.platform, &mut shown, Subject { thing: Thing::RegistryAuth, id: &it.id, fresh: true });
        shown
    }
}
