//! Edit and upgrade: what changes on a machine that exists.

use serde_json::Value;

use super::parse::{elements, optional_number, read_list, text};
use super::{Env, Port, ports, status};
use crate::answer::{Answer, Refusal, Result};
use crate::novita::Novita;
use crate::novita::style::Actions;

/// Statuses in which a machine takes changes. For a stopped one no document says so.
const CHANGEABLE: [&str; 2] = [status::RUNNING, status::EXITED];

impl Novita {
    /// Ports are replaced as a whole; the disk grows by the increment.
    pub(crate) fn edit(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        let increment = optional_number(body, "expandRootDisk")?;
        let wanted: Option<Vec<Port>> = body.get("ports").map(|_| read_list(body, "ports")).transpose()?;
        let platform = self.platform.clone();
        let instance = self.existing_in(&id, &CHANGEABLE)?;
        let size = instance.rootfs_size.saturating_add(increment);
        if increment > 0 && size > instance.max_rootfs_size {
            let text = format!("{size} GB are more than the node's {} GB", instance.max_rootfs_size);
            return Err(Refusal::field("expandRootDisk", &text));
        }
        if let Some(wanted) = wanted {
            ports::check(&wanted, &instance.tools)?;
            instance.ports = wanted;
        }
        if increment > 0 {
            instance.rootfs_size = platform.disk(&id, size).min(instance.max_rootfs_size);
        }
        Ok(self.done(&id, "", Actions::Empty))
    }

    /// Everything is replaced by what was sent, and the container is reset.
    pub(crate) fn upgrade(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        let cluster = self.existing_in(&id, &CHANGEABLE)?.cluster_id.clone();
        let auth = text(body, "imageAuthId");
        self.check_image_auth(&auth)?;
        let wanted = elements(&body["networkVolume"]["volumeMounts"]);
        let mounts = self.network_mounts(
            "networkVolume.volumeMounts",
            wanted.map(|it| (text(it, "id"), text(it, "mountPath"))),
        )?;
        self.check_storage_cluster(&mounts, &cluster)?;
        let envs: Vec<Env> = read_list(body, "envs")?;
        let instance = self.existing(&id)?;
        instance.image_url = text(body, "imageUrl");
        instance.image_auth_id = auth;
        instance.command = text(body, "command");
        instance.entrypoint = text(body, "entrypoint");
        instance.envs = envs;
        instance.save = body["save"].as_bool();
        instance.volume_mounts.retain(|it| it.kind == "local");
        instance.volume_mounts.extend(mounts);
        self.begin(&id, &status::RESETTING_WALK)?;
        Ok(self.done(&id, "toReset", Actions::Object))
    }

    pub(crate) fn set_auto_migrate(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        let instance = self.existing(&id)?;
        instance.auto_migrate_open = body["autoMigrateOpen"] == Value::Bool(true);
        instance.auto_migrate_system_disk = body["autoMigrateSystemDisk"] == Value::Bool(true);
        Ok(self.done(&id, "", Actions::Object))
    }
}
