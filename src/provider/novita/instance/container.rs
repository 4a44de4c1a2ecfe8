//! What instances with and without GPUs have in common: a container on a rented machine.
//!
//! Owns the shared attributes and the rules between them. The shared life cycle is in
//! [`crate::provider::novita::instance::kind`].

mod refresh;

use std::collections::BTreeSet;

use tfplugin::attr::{Attr, List, Map, Set};
use tfplugin::model::{Model, StringEnum as _};
use tfplugin::resource::Rules;
use tfplugin::schema::Difference;

use crate::provider::clients::DURATION;
use crate::provider::life_cycle::choice::{Choice, Names};
use crate::provider::novita::instance::ports::{self, PORT, Protocol, Tool};
use crate::provider::novita::instance::storages::{self, NetworkStorage};
use crate::provider::novita::instance::upgrade::SETTINGS;
use crate::provider::novita::instance::{PowerState, REGISTRY_LOGIN};
use crate::provider::{envs, image};

/// A container on a rented machine.
#[derive(Clone, Model)]
pub(crate) struct Container {
    /// ID of the instance.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// Name, shown in the console. If omitted, the provider generates a unique name with the prefix `tf-`, by which
    /// it finds the instance again after a lost response.
    #[tf(optional, computed, replace, len = 1..=255)]
    pub(crate) name: Attr<String>,
    /// ID of the product: GPU model, vCPUs and RAM. `novita_gpu_products` and `novita_cpu_products` list the IDs. Set
    /// exactly one of `product_id` and `product_ids`; with `product_ids` it is the rented product.
    #[tf(optional, computed, replace, not_returned, canonical = str::to_lowercase, len = 1..=255)]
    pub(crate) product_id: Attr<String>,
    /// IDs of products in order of preference, from `novita_gpu_products` or `novita_cpu_products`. The first product
    /// with capacity is rented; products in stock are tried first. If the list no longer contains the product in use,
    /// the instance is replaced.
    #[tf(optional, local, canonical = str::to_lowercase, len = 1..=255, items = 1..=20)]
    pub(crate) product_ids: Attr<List<String>>,
    /// Image with registry and tag, such as `docker.io/acme/trainer:1.4`.
    #[tf(required, canonical = image::canonical, len = 1..=500,
         via = "Changing it recreates the container on the same instance; running processes end.")]
    pub(crate) image_url: Attr<String>,
    /// Login for a private registry in the form `username:password`. It is stored in the state; prefer
    /// `image_auth_wo` or `image_auth_id`. Only one of the three can be set.
    #[tf(optional, sensitive, not_returned, len = 1..=10239, format = REGISTRY_LOGIN,
         via = "Changing it replaces the resource, unless `image_auth_id` is set instead.")]
    pub(crate) image_auth: Attr<String>,
    /// Same as `image_auth`, but never stored.
    #[tf(optional, sensitive, write_only, replace, len = 1..=10239, format = REGISTRY_LOGIN, wire = "imageAuth")]
    pub(crate) image_auth_wo: Attr<String>,
    /// Change this number whenever `image_auth_wo` changes.
    #[tf(
        optional,
        not_returned,
        no_wire,
        via = "Changing it replaces the resource, unless `image_auth_id` is set instead."
    )]
    pub(crate) image_auth_wo_version: Attr<i64>,
    /// ID of a registry login (`novita_registry_auth`), for a private image.
    #[tf(optional, via = "Changing it recreates the container on the same instance; running processes end.", len = 0..=255)]
    pub(crate) image_auth_id: Attr<String>,
    /// Ports to open, such as `22/tcp` or `8888/http`, in any order. Together with `tools`, at most 15; each port
    /// number only once.
    #[tf(optional, format = PORT, canonical = ports::canonical, wire_with = ports::to_wire,
         via = "Changing it replaces the list of open ports in place, without a restart.")]
    pub(crate) ports: Attr<Set<String>>,
    /// Environment variables. Together with `secret_envs`, at most 100.
    #[tf(optional, keys = 1..=511, len = 0..=4095, wire_with = envs::to_wire,
         via = "Changing it recreates the container on the same instance; running processes end.")]
    pub(crate) envs: Attr<Map<String>>,
    /// Environment variables whose values are hidden in plans. They are stored in the state. A key must not be in
    /// `envs` as well.
    #[tf(optional, sensitive, keys = 1..=511, len = 0..=4095, wire = "envs", wire_with = envs::to_wire,
         via = "Changing it recreates the container on the same instance; running processes end.")]
    pub(crate) secret_envs: Attr<Map<String>>,
    /// Tools of the official images to start with the instance. `novita_templates` lists the official images.
    #[tf(optional, replace, not_returned)]
    pub(crate) tools: Attr<Set<Tool>>,
    /// Start command, overrides the command of the image.
    #[tf(optional, via = "Changing it recreates the container on the same instance; running processes end.", len = 0..=2047)]
    pub(crate) command: Attr<String>,
    /// Entry point, overrides the entry point of the image.
    #[tf(optional, via = "Changing it recreates the container on the same instance; running processes end.", len = 0..=2047)]
    pub(crate) entrypoint: Attr<String>,
    /// ID of the cluster, from `novita_clusters`. If omitted, the API chooses one.
    #[tf(optional, computed, replace, len = 1..=255)]
    pub(crate) cluster_id: Attr<String>,
    /// IDs of clusters in order of preference, from `novita_clusters`. Each is tried with each product. If the list
    /// no longer contains the cluster in use, the instance is replaced.
    #[tf(optional, local, len = 1..=255, items = 1..=20)]
    pub(crate) cluster_ids: Attr<List<String>>,
    /// How long to keep trying while no candidate has capacity, such as `2h`. If omitted, each candidate is tried
    /// once. The time counts towards `timeouts.create`.
    #[tf(optional, local, format = DURATION)]
    pub(crate) capacity_timeout: Attr<String>,
    /// Network storages to mount (`novita_network_storage`). They must be in the cluster of the instance.
    #[tf(optional, items = 0..=30, via = "Changing it recreates the container on the same instance; running processes end.")]
    pub(crate) network_storages: Attr<Set<NetworkStorage>>,
    /// ID of the VPC network that the instance joins (`novita_network`).
    #[tf(optional, len = 0..=255, replace)]
    pub(crate) network_id: Attr<String>,
    /// Desired power state. If omitted, the provider never starts or stops the instance.
    #[tf(optional, no_wire, via = "Changing it starts or stops the instance in place.")]
    pub(crate) desired_status: Attr<PowerState>,
    /// Maximum price of the whole instance in USD per hour. A plan above it is an error. Nothing is created if the
    /// price is above it at that time or cannot be read.
    #[tf(optional, local, range = 0.0..=f64::INFINITY)]
    pub(crate) max_hourly_price: Attr<f64>,
    /// Refuse any plan that destroys or replaces the instance.
    #[tf(optional, local, default = false, deletion_protection)]
    pub(crate) deletion_protection: Attr<bool>,
    /// Wait until the instance is running. With `false`, creation ends as soon as the ID is stored in the state.
    #[tf(optional, local, default = true)]
    pub(crate) wait_for_ready: Attr<bool>,
    /// Store the SSH password in the state. With `false`, `ssh_password` is null; read it with the ephemeral resource
    /// `novita_instance_access`.
    #[tf(optional, local, default = true)]
    pub(crate) store_ssh_password: Attr<bool>,
    /// Status as returned by the API: `running`, `exited` (stopped), or a transitional one such as `pulling`.
    #[tf(computed)]
    pub(crate) status: Attr<String>,
    /// Name of the cluster.
    #[tf(computed)]
    pub(crate) cluster_name: Attr<String>,
    /// Name of the product.
    #[tf(computed)]
    pub(crate) product_name: Attr<String>,
    /// Time of creation in RFC 3339 format.
    #[tf(computed)]
    pub(crate) created_at: Attr<String>,
    /// IP address in the VPC network.
    #[tf(computed, volatile = starts)]
    pub(crate) network_ip: Attr<String>,
    /// Number of vCPUs.
    #[tf(computed)]
    pub(crate) cpu_num: Attr<i64>,
    /// RAM in GB (not GPU memory).
    #[tf(computed)]
    pub(crate) memory: Attr<i64>,
    /// Price of the whole instance in USD per hour in its billing mode, at the time of creation or import.
    #[tf(computed)]
    pub(crate) hourly_price: Attr<f64>,
    /// Public addresses of the open ports, sorted by port.
    #[tf(computed, volatile = opens_ports)]
    pub(crate) port_mappings: Attr<List<PortMapping>>,
    /// Command that opens a shell by SSH.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_command: Attr<String>,
    /// Host name in `ssh_command`, for provisioners and inventories. Null if the command is not of the form `ssh -p
    /// PORT USER@HOST`.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_host: Attr<String>,
    /// Port in `ssh_command`. Null under the same condition as `ssh_host`.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_port: Attr<i64>,
    /// User name in `ssh_command`. Null under the same condition as `ssh_host`.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_user: Attr<String>,
    /// Password for SSH.
    #[tf(computed, volatile = boots, sensitive)]
    pub(crate) ssh_password: Attr<String>,
    /// URL of Jupyter.
    #[tf(computed, volatile = boots)]
    pub(crate) jupyter_url: Attr<String>,
}

/// A port with its public address.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct PortMapping {
    /// Port in the instance.
    #[tf(computed)]
    pub(crate) port: Attr<i64>,
    /// Protocol of the port: `tcp` or `http`.
    #[tf(computed)]
    pub(crate) r#type: Attr<Protocol>,
    /// Public address. Null until the instance is running.
    #[tf(computed)]
    pub(crate) endpoint: Attr<String>,
}

/// Whether a change starts an instance.
fn starts(it: &Difference<'_>) -> bool {
    it.touches(&["desired_status"])
        && it.planned("desired_status").as_str() != Some(PowerState::Stopped.as_str())
}

/// Whether a change makes the container boot or end, with which its access comes and goes.
fn boots(it: &Difference<'_>) -> bool {
    it.touches(&["desired_status"]) || it.touches(&SETTINGS)
}

fn opens_ports(it: &Difference<'_>) -> bool {
    boots(it) || it.touches(&["ports"])
}

static PRODUCT: Names = Names {
    one: "product_id",
    many: "product_ids",
    blamed: &["productId", "gpuNum", "rootfsSize", "billingMode", "minCudaVersion"],
    noun: "product",
    is_needed: true,
};
static CLUSTER: Names = Names {
    one: "cluster_id",
    many: "cluster_ids",
    blamed: &["clusterId"],
    noun: "cluster",
    is_needed: false,
};

impl Container {
    /// What may be chosen out of a list.
    pub(crate) fn choices(&mut self) -> Vec<Choice<'_>> {
        vec![
            Choice { names: &PRODUCT, one: &mut self.product_id, many: &mut self.product_ids },
            Choice { names: &CLUSTER, one: &mut self.cluster_id, many: &mut self.cluster_ids },
        ]
    }

    /// The rules between the shared attributes.
    pub(crate) fn validate(&self, rules: &mut Rules) {
        rules.exclusive(&[
            ("image_auth", self.image_auth.is_set()),
            ("image_auth_id", self.image_auth_id.is_set()),
            ("image_auth_wo", self.image_auth_wo.is_set()),
        ]);
        rules.needs(
            ("image_auth_wo_version", &self.image_auth_wo_version),
            ("image_auth_wo", &self.image_auth_wo),
        );
        ports::validate(rules, &self.ports, &self.tools);
        envs::validate(rules, &self.envs, &self.secret_envs);
        storages::validate(rules, &self.network_storages);
    }

    /// The attribute by which a planned login replaces the instance, if it does.
    ///
    /// A login is sent by create alone: another one is another instance, unless a saved one takes over.
    pub(crate) fn replacing_login(
        prior: &Self,
        planned: &Self,
        not_told: &BTreeSet<String>,
    ) -> Option<&'static str> {
        let saved_takes_over = planned.image_auth.is_null()
            && planned.image_auth_wo_version.is_null()
            && !planned.image_auth_id.is_null();
        if saved_takes_over {
            return None;
        }
        if prior.image_auth != planned.image_auth && !not_told.contains("image_auth") {
            return Some("image_auth");
        }
        let versions = (&prior.image_auth_wo_version, &planned.image_auth_wo_version);
        let told = !not_told.contains("image_auth_wo_version");
        (versions.0 != versions.1 && told).then_some("image_auth_wo_version")
    }
}
