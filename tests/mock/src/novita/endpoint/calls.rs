//! Create, update and delete.

use serde_json::Value;

use super::super::Novita;
use super::super::instance::parse::{elements, text};
use super::rules::Sent;
use super::{Endpoint, ProductUse, status};
use crate::answer::{Answer, Refusal, Result};
use crate::core::Vendor as _;
use crate::novita::style::Actions;

impl Novita {
    /// Makes an endpoint from a wrapped body, or says which field is wrong.
    pub(crate) fn create_endpoint(&mut self, body: &Value, now: u64) -> Result<Answer> {
        self.check_awake()?;
        let sent = Sent { body: &body["endpoint"], prefix: "endpoint." };
        let mut endpoint = Endpoint { created_at: now, updated_at: now, ..Endpoint::default() };
        self.read_settings(&sent, &mut endpoint)?;
        endpoint.rootfs_size = self.read_rootfs(&sent)?;
        endpoint.products = self.read_endpoint_products(&sent)?;
        endpoint.app_name = text(sent.body, "appName");
        let taken = self.endpoints.iter().any(|it| it.app_name == endpoint.app_name);
        if taken {
            let text = format!("the app name {} is taken", endpoint.app_name);
            return Err(Refusal::new(400, "SERVERLESS_APP_NAME_IS_EXIST", &text));
        }
        let id = self.new_id();
        endpoint.id = self.object_id(format!("ep-{}", &id[..12]));
        endpoint.rootfs_size = self.platform.disk(&endpoint.id, endpoint.rootfs_size);
        if endpoint.app_name.is_empty() {
            endpoint.app_name.clone_from(&endpoint.id);
        }
        endpoint.walk(&status::CREATION_WALK, &self.pace);
        self.created.endpoint += 1;
        let answer = self.created(&endpoint.id);
        self.endpoints.push(endpoint);
        Ok(answer)
    }

    /// Replaces everything that can change by what was sent in a flat body.
    pub(crate) fn update_endpoint(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let id = text(body, "id");
        let mut changed = self.existing_endpoint(&id)?.clone();
        check_state(&changed, &status::CHANGEABLE)?;
        self.read_settings(&Sent { body, prefix: "" }, &mut changed)?;
        changed.updated_at = now;
        changed.updates += 1;
        changed.walk(&status::UPDATING_WALK, &self.pace);
        *self.existing_endpoint(&id)? = changed;
        Ok(self.done(&id, status::UPDATING, Actions::Object))
    }

    /// The key `name` takes the id; `id` does too, and both may be sent.
    pub(crate) fn delete_endpoint(&mut self, body: &Value) -> Result<Answer> {
        let (name, id) = (text(body, "name"), text(body, "id"));
        if !name.is_empty() && !id.is_empty() && name != id {
            return Err(Refusal::field("name", "is the id of another endpoint than id"));
        }
        let id = if name.is_empty() { id } else { name };
        let pace = self.pace.clone();
        let endpoint = self.existing_endpoint(&id)?;
        if endpoint.state.state == status::TERMINATING {
            return Err(conflict(endpoint));
        }
        endpoint.walk(&status::REMOVING_WALK, &pace);
        self.endpoints.retain(|it| !it.is_forgotten());
        Ok(self.done(&id, status::TERMINATING, Actions::Object))
    }

    fn read_endpoint_products(&self, sent: &Sent<'_>) -> Result<Vec<ProductUse>> {
        let mut products: Vec<ProductUse> = Vec::new();
        for id in elements(&sent.body["products"]).map(|it| text(it, "id")) {
            let Some(product) = self.endpoint_products.iter().find(|it| it.id == id) else {
                let text = format!("serverless product {id} not found");
                return Err(Refusal::new(400, "SERVERLESS_PRODUCT_NOT_FOUND", &text));
            };
            if !product.available {
                return Err(self.out_of_stock());
            }
            products.push(ProductUse { id });
        }
        Ok(products)
    }
}

fn check_state(endpoint: &Endpoint, states: &[&str]) -> Result<()> {
    if states.contains(&endpoint.state.state.as_str()) { Ok(()) } else { Err(conflict(endpoint)) }
}

fn conflict(endpoint: &Endpoint) -> Refusal {
    let text = format!("invalid state change: the endpoint is {}", endpoint.state.state);
    Refusal::new(400, "CONFLICT", &text)
}
