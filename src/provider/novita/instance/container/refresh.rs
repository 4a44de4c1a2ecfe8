//! What an answer about an instance means for its state.
//!
//! Takes the answer apart field by field, so that a new field does not compile until someone has
//! decided what it means: learnt, read back, or left alone; [`ReadBack`] holds the rules.

use tfplugin::attr::Attr;
use tfplugin::model::StringEnum;

use crate::api::secret::Secret;
use crate::provider::envs;
use crate::provider::life_cycle::phase::{Phase, spelled};
use crate::provider::life_cycle::rented::read_back_power;
use crate::provider::novita::instance::answer::{self, Instance, PHASES, moment};
use crate::provider::novita::instance::container::{Container, PortMapping};
use crate::provider::novita::instance::ports::{self, Port, Protocol, Tool, ToolName};
use crate::provider::novita::instance::ssh;
use crate::provider::novita::instance::storages::NetworkStorage;
use crate::provider::read_back::{
    Origin, ReadBack, read_back, read_back_text, secret_or_null, some_text, text_or_null,
};

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
    pub(crate) fn read_back(&mut self, instance: Instance, back: &mut ReadBack) -> Rest {
        let network_id = instance.private_network().map(|it| it.id.clone());
        let network_ip = instance.private_network().map(|it| it.ip.clone()).unwrap_or_default();
        self.take_ports(&instance, back);
        let Instance {
            id: _, // is the life cycle's matter
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
            last_started_at: _, // the mark of lists
            port_mappings: _,   // read above
            envs: variables,
            volume_mounts,
            network: _, // read above
            node: _,    // a bound that only the platform needs
            ssh: login,
            jupyter,
            web_terminal: _, // for `novita_instance_access` alone
            product_id,
            product_name,
            rootfs_size,
            tools,
            spot_status,
            spot_reclaim_time: _, // told by read
        } = instance;
        back.learn_text("name", &mut self.name, name);
        back.learn_text("product_id", &mut self.product_id, product_id);
        back.learn_text("cluster_id", &mut self.cluster_id, cluster_id);
        let tools = tools.map(|it| it.iter().filter_map(tool).collect());
        back.learn_optional("tools", &mut self.tools, tools);
        back.learn_optional("network_id", &mut self.network_id, network_id);
        read_back_text(&mut self.product_name, product_name);
        read_back_text(&mut self.cluster_name, cluster_name);
        self.status = spelled(PHASES, &status).into();
        read_back_text(&mut self.image_url, image_url);
        back.optional_text(&mut self.image_auth_id, image_auth_id);
        back.optional_text(&mut self.command, command);
        back.optional_text(&mut self.entrypoint, entrypoint);
        read_back(&mut self.cpu_num, whole(cpu_num));
        read_back(&mut self.memory, whole(memory));
        read_back(&mut self.created_at, moment(&created_at));
        envs::read_back(&mut self.envs, &mut self.secret_envs, variables, back.origin);
        let local_mount_path = self.take_storages(volume_mounts, back);
        self.network_ip = text_or_null(network_ip);
        let target = ssh::target(&login.ssh_command);
        self.ssh_host = Attr::from_option(target.as_ref().map(|it| it.host.clone()));
        self.ssh_port = Attr::from_option(target.as_ref().map(|it| it.port));
        self.ssh_user = Attr::from_option(target.map(|it| it.user));
        self.ssh_command = text_or_null(login.ssh_command);
        let password = login.password.filter(|_| self.store_ssh_password.known() != Some(&false));
        self.ssh_password = secret_or_null(password);
        self.jupyter_url = text_or_null(jupyter.address);
        read_back_power(&mut self.desired_status, PHASES, self.status.text_or_empty());
        Rest { gpu_num, rootfs_size, end_time, spot_status, local_mount_path }
    }

    /// Fills in what lists of instances leave out: addresses, and how to log in.
    pub(crate) fn complete_listed(&self, listed: &mut Instance) {
        listed.ssh.ssh_command = self.ssh_command.text_or_empty().to_owned();
        listed.ssh.password = self.ssh_password.text().map(Secret::new);
        listed.jupyter.address = self.jupyter_url.text_or_empty().to_owned();
        if let Some(id) = self.network_id.text() {
            let ip = self.network_ip.text_or_empty().to_owned();
            listed.network = vec![answer::Network { id: id.to_owned(), ip }];
        }
        let known = self.port_mappings.known().into_iter().flat_map(|it| it.0.iter().filter_map(Attr::known));
        let known: Vec<_> = known.collect();
        for mapping in listed.port_mappings.iter_mut().filter(|it| it.endpoint.is_empty()) {
            let same = |it: &&&PortMapping| {
                it.port.known().copied() == mapping.port
                    && it.r#type.known().copied() == Protocol::from_text(&mapping.kind)
            };
            if let Some(it) = known.iter().find(same) {
                mapping.endpoint = it.endpoint.text_or_empty().to_owned();
            }
        }
    }

    /// A machine that is not running may list no ports or only some; then nothing is learnt from it.
    fn take_ports(&mut self, instance: &Instance, back: &ReadBack) {
        let mut open: Vec<_> = instance.port_mappings.iter().filter_map(|it| Some((it.port?, it))).collect();
        open.sort_by_key(|(number, _)| *number);
        open.retain(|(number, _)| !ports::is_reserved(*number));
        self.port_mappings = Attr::Known(open.iter().map(|(number, it)| mapping(*number, it)).collect());
        let imported = back.origin == Origin::Imported;
        let phase = Phase::of(PHASES, &instance.status);
        if phase == Phase::Ready || (phase == Phase::Stopped && !open.is_empty()) || imported {
            let ports = match imported {
                true => ports::open(instance, &self.tools, &[]),
                false => ports::managed(instance, &self.tools, &ports::known(&self.ports)),
            };
            back.optional_set(&mut self.ports, ports.iter().map(Port::to_string).collect());
        }
    }

    /// Takes the network storages over, and tells where the local disk is.
    fn take_storages(&mut self, mounts: Vec<answer::VolumeMount>, back: &ReadBack) -> Option<String> {
        let (network, other): (Vec<_>, Vec<_>) =
            mounts.into_iter().partition(answer::VolumeMount::is_network);
        let storage =
            |it: answer::VolumeMount| NetworkStorage { id: it.id.into(), mount_point: it.mount_path.into() };
        back.optional_set(&mut self.network_storages, network.into_iter().map(storage).collect());
        let local = other.into_iter().find(|it| it.kind.eq_ignore_ascii_case("local"));
        local.and_then(|it| some_text(it.mount_path))
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
