//! What an answer about an instance means for its state.
//!
//! Takes the answer apart field by field, so that a new field does not compile until someone has
//! decided what it means. What the API does not return, or only sometimes, keeps its value.

use std::collections::BTreeMap;

use crate::framework::attr::Attr;
use crate::framework::model::StringEnum;
use crate::provider::envs;
use crate::provider::instance::PowerState;
use crate::provider::instance::calls::answer::{self, moment};
use crate::provider::instance::calls::{Class, Instance};
use crate::provider::instance::container::{Container, PortMapping};
use crate::provider::instance::ports::{self, Protocol, Tool, ToolName};
use crate::provider::instance::storages::NetworkStorage;
use crate::provider::read_back::{read_back, read_back_text, text_or_null};

/// What an answer tells beyond a container.
pub(crate) struct Rest {
    pub(crate) gpu_num: Option<i64>,
    pub(crate) rootfs_size: Option<i64>,
    pub(crate) end_time: String,
    pub(crate) spot_status: String,
    /// Where the local disk is mounted.
    pub(crate) local_mount_path: Option<String>,
}

impl Container {
    /// Takes over what the API says of a container, and hands the rest back.
    pub(crate) fn refresh(&mut self, instance: Instance) -> Rest {
        let just_imported = self.image_url.is_null(); // required, so a state without it knows the id alone
        let class = instance.class();
        let network_id = instance.private_network().map(|it| it.id.clone()).unwrap_or_default();
        let network_ip = instance.private_network().map(|it| it.ip.clone()).unwrap_or_default();
        let Instance {
            id,
            name,
            cluster_id,
            cluster_name,
            status,
            status_error: _, // told by the waits
            image_url,
            image_auth_id,
            command,
            entrypoint,
            cpu_num,
            memory,
            gpu_num,
            kind: _,         // checked by read
            billing_mode: _, // read by its method, where it counts
            end_time,
            created_at,
            port_mappings,
            envs: variables,
            volume_mounts,
            network: _, // read above
            node: _,    // a bound that only the platform needs
            ssh,
            jupyter,
            product_id,
            product_name,
            rootfs_size,
            tools,
            spot_status,
            spot_reclaim_time: _, // told by read
        } = instance;
        self.id = id.into();
        read_back_text(&mut self.name, name);
        read_back_text(&mut self.cluster_id, cluster_id);
        read_back_text(&mut self.cluster_name, cluster_name);
        self.status = status.into();
        read_back_text(&mut self.image_url, image_url);
        self.image_auth_id = text_or_null(image_auth_id);
        self.command = text_or_null(command);
        self.entrypoint = text_or_null(entrypoint);
        read_back(&mut self.cpu_num, whole(cpu_num));
        read_back(&mut self.memory, whole(memory));
        read_back(&mut self.created_at, moment(&created_at));
        read_back_text(&mut self.product_id, product_id);
        read_back_text(&mut self.product_name, product_name);
        self.take_tools(tools);
        self.take_ports(&port_mappings, class, just_imported);
        self.take_envs(variables, just_imported);
        let local_mount_path = self.take_storages(volume_mounts);
        self.network_id = text_or_null(network_id);
        self.network_ip = text_or_null(network_ip);
        self.ssh_command = text_or_null(ssh.ssh_command);
        self.ssh_password = text_or_null(ssh.password.map(|it| it.expose().to_owned()).unwrap_or_default());
        self.jupyter_url = text_or_null(jupyter.address);
        self.take_power(Class::ahead_of(self.status.text_or_empty()));
        Rest { gpu_num, rootfs_size, end_time, spot_status, local_mount_path }
    }

    /// A managed power state shows what really is, or what it is about to be without us, so that a plan can
    /// set it right.
    fn take_power(&mut self, class: Class) {
        let power = match class {
            Class::Running => PowerState::Running,
            Class::Exited => PowerState::Stopped,
            Class::Moving | Class::Held | Class::Leaving | Class::Gone => return,
        };
        if self.desired_status.is_set() {
            self.desired_status = power.into();
        }
    }

    fn take_tools(&mut self, tools: Option<Vec<answer::Tool>>) {
        let Some(tools) = tools else { return };
        self.tools = Attr::Known(tools.iter().filter_map(tool).collect());
    }

    /// A machine that is not running may list no ports or only some; then nothing is learnt from it.
    fn take_ports(&mut self, mappings: &[answer::PortMapping], class: Class, just_imported: bool) {
        let tools = ports::of_tools(&self.tools);
        let mut open: Vec<_> = mappings.iter().filter_map(|it| Some((it.port?, it))).collect();
        open.sort_by_key(|(number, _)| *number);
        open.retain(|(number, _)| ports::is_own(*number, &[]));
        self.port_mappings = Attr::Known(open.iter().map(|(number, it)| mapping(*number, it)).collect());
        let telling =
            class == Class::Running || (class == Class::Exited && !open.is_empty()) || just_imported;
        if telling {
            open.retain(|(number, _)| ports::is_own(*number, &tools));
            let port = |(number, it): &(i64, &answer::PortMapping)| {
                ports::canonical(&format!("{number}/{}", it.kind))
            };
            self.ports = Attr::Known(open.iter().map(port).collect());
        }
    }

    fn take_envs(&mut self, variables: Vec<answer::Env>, just_imported: bool) {
        let variables: BTreeMap<_, _> =
            variables.into_iter().map(|it| (it.key, it.value.expose().to_owned())).collect();
        if just_imported {
            envs::import(&mut self.envs, variables);
        } else {
            envs::refresh(&mut self.envs, &mut self.secret_envs, &variables);
        }
    }

    /// Takes the network storages over, and tells where the local disk is.
    fn take_storages(&mut self, mounts: Vec<answer::VolumeMount>) -> Option<String> {
        let (network, other): (Vec<_>, Vec<_>) = mounts.into_iter().partition(|it| it.kind == "network");
        let storage =
            |it: answer::VolumeMount| NetworkStorage { id: it.id.into(), mount_point: it.mount_path.into() };
        self.network_storages = Attr::Known(network.into_iter().map(storage).collect());
        other.into_iter().find(|it| it.kind == "local").map(|it| it.mount_path)
    }
}

fn tool(it: &answer::Tool) -> Option<Tool> {
    Some(Tool {
        name: ToolName::from_text(&it.name)?.into(),
        port: it.port?.into(),
        r#type: Protocol::from_text(&it.kind)?.into(),
    })
}

fn mapping(number: i64, it: &answer::PortMapping) -> PortMapping {
    PortMapping {
        port: number.into(),
        r#type: Attr::from_option(Protocol::from_text(&it.kind)),
        endpoint: text_or_null(it.endpoint.clone()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "counts of CPUs and GB are far below")]
fn whole(number: Option<f64>) -> Option<i64> {
    number.map(|it| it.round() as i64)
}
