//! The data source `novacloud_vm`: a VM by its id.
//!
//! Attributes and what an answer means are the resource's own; this only finds the VM. VMs have no name.

use crate::api::error::Error;
use crate::framework::erased::bug;
use crate::framework::lookup::Lookup;
use crate::framework::model::Model;
use crate::framework::resource::{Result, Rules};
use crate::framework::value::Value;
use crate::provider::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::lookup::missing;
use crate::provider::vm::calls;
use crate::provider::vm::resource::{Vm, is_uuid};

impl Lookup for Vm {
    const LOOKUP: &'static str = "A virtual machine of Nova Cloud that exists, whoever manages it.\n\n\
        The type's prefix is not the provider's name, so a configuration of the provider `novita` writes \
        `provider = novita` on it.";
    const KEYS: &'static [(&'static str, &'static str)] = &[("id", "Identifier of the VM, a UUID.")];
    const UNSEEN: &'static [&'static str] = &[
        "template_vmid",
        "reservation_months",
        "auth_method",
        "ssh_key_id",
        "password",
        "password_wo",
        "password_wo_version",
        "desired_status",
        "deletion_protection",
        "wait_for_ready",
    ];

    fn validate_key(&self, rules: &mut Rules) {
        if self.id.text().is_some_and(|it| !it.is_empty() && !is_uuid(it)) {
            let fault = "The id of a VM is a UUID, such as `b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11`. The console shows \
                         it on the VM's page.";
            rules.reject("id", fault);
        }
    }

    async fn find(cx: &Cx, key: Self) -> Result<Self> {
        let id = key.id.text_or_empty();
        let found = match calls::get(cx.novacloud()?, &cx.call(), id).await {
            Ok(found) => found,
            Err(Error::NotFound(_)) => return Err(missing("VM", id)),
            Err(error) => return Err(ErrorContext::to("read the VM").failed(&error)),
        };
        let mut vm = Self::from_object(&Value::Null).map_err(|it| bug(it.wanted))?;
        vm.refresh(found);
        Ok(vm)
    }
}
