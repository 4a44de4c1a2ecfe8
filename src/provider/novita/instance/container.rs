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
    /// Identifier of the instance.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// Name, shown in the console. Without one the provider makes a unique name that begins with `tf-`, so that
    /// the instance can be found again whatever happens.
    #[tf(optional, computed, replace, len = 1..=255)]
    pub(crate) name: Attr<String>,
    /// Identifier of the product: GPU model, processors and memory. Set either it or `product_ids`, with which it is what was
    /// rented.
    #[tf(optional, computed, replace, not_returned, canonical = str::to_lowercase, len = 1..=255)]
    pub(crate) product_id: Attr<String>,
    /// Products in order of preference: the first that can be had is rented. What the catalogue shows in stock is tried
    /// first. A change of the list leaves an instance alone as long as its own product is in it; without that it is replaced.
    #[tf(optional, local, canonical = str::to_lowercase, len = 1..=255, items = 1..=20)]
    pub(crate) product_ids: Attr<List<String>>,
    /// Image to run, with registry and tag.
    #[tf(required, canonical = image::canonical, len = 1..=500,
         via = "Changing it resets the container in place (upgrade).")]
    pub(crate) image_url: Attr<String>,
    /// Login for a private registry as `username:password`. Prefer `image_auth_wo`, which is not stored, or
    /// `image_auth_id`. Only one of the three can be set.
    #[tf(optional, sensitive, not_returned, len = 1..=10239, format = REGISTRY_LOGIN,
         via = "Changing it replaces the resource, unless `image_auth_id` takes its place.")]
    pub(crate) image_auth: Attr<String>,
    /// As `image_auth`, but kept out of plan and state.
    #[tf(optional, sensitive, write_only, replace, len = 1..=10239, format = REGISTRY_LOGIN, wire = "imageAuth")]
    pub(crate) image_auth_wo: Attr<String>,
    /// Version of `image_auth_wo`, any number: a new one says that `image_auth_wo` has changed.
    #[tf(
        optional,
        not_returned,
        no_wire,
        via = "Changing it replaces the resource, unless `image_auth_id` takes the place of the login."
    )]
    pub(crate) image_auth_wo_version: Attr<i64>,
    /// Identifier of a login for a private registry that is saved in the account.
    #[tf(optional, via = "Changing it resets the container in place (upgrade).", len = 0..=255)]
    pub(crate) image_auth_id: Attr<String>,
    /// Ports to open, in any order. Together with `tools` there can be 15, and a port stands once.
    #[tf(optional, format = PORT, canonical = ports::canonical, wire_with = ports::to_wire,
         via = "Changing it sets the whole list in place, without a restart (edit).")]
    pub(crate) ports: Attr<Set<String>>,
    /// Environment variables. Together with `secret_envs` there can be 100.
    #[tf(optional, keys = 1..=511, len = 0..=4095, wire_with = envs::to_wire,
         via = "Changing it resets the container in place (upgrade).")]
    pub(crate) envs: Attr<Map<String>>,
    /// Environment variables whose values clients hide. A key cannot be in `envs` too.
    #[tf(optional, sensitive, keys = 1..=511, len = 0..=4095, wire = "envs", wire_with = envs::to_wire,
         via = "Changing it resets the container in place (upgrade).")]
    pub(crate) secret_envs: Attr<Map<String>>,
    /// Tools of the official images to start with the instance.
    #[tf(optional, replace, not_returned)]
    pub(crate) tools: Attr<Set<Tool>>,
    /// Start command, instead of the image's.
    #[tf(optional, via = "Changing it resets the container in place (upgrade).", len = 0..=2047)]
    pub(crate) command: Attr<String>,
    /// Entry point, instead of the image's.
    #[tf(optional, via = "Changing it resets the container in place (upgrade).", len = 0..=2047)]
    pub(crate) entrypoint: Attr<String>,
    /// Identifier of the cluster. Without one the API chooses.
    #[tf(optional, computed, replace, len = 1..=255)]
    pub(crate) cluster_id: Attr<String>,
    /// Clusters in order of preference, each tried with each product: the first that has one is where the instance runs. A
    /// change of the list leaves an instance alone as long as its own cluster is in it; without that it is replaced.
    #[tf(optional, local, len = 1..=255, items = 1..=20)]
    pub(crate) cluster_ids: Attr<List<String>>,
    /// How long to try again while no candidate can be had, such as `2h`. Without it each is tried once. It counts within the
    /// time of `timeouts.create`.
    #[tf(optional, local, format = DURATION)]
    pub(crate) capacity_timeout: Attr<String>,
    /// Network storages of the same cluster to mount.
    #[tf(optional, items = 0..=30, via = "Changing it resets the container in place (upgrade).")]
    pub(crate) network_storages: Attr<Set<NetworkStorage>>,
    /// Identifier of the VPC network that the instance joins.
    #[tf(optional, len = 0..=255, replace)]
    pub(crate) network_id: Attr<String>,
    /// Whether the instance is to run. Without a value its power is not managed.
    #[tf(optional, no_wire, via = "Changing it starts or stops the instance in place.")]
    pub(crate) desired_status: Attr<PowerState>,
    /// The most that the whole machine may cost in USD per hour. A plan above it is refused, and nothing is made when the
    /// price has risen above it by then, or cannot be read.
    #[tf(optional, local, range = 0.0..=f64::INFINITY)]
    pub(crate) max_hourly_price: Attr<f64>,
    /// Whether destroying and replacing are refused.
    #[tf(optional, local, default = false, deletion_protection)]
    pub(crate) deletion_protection: Attr<bool>,
    /// Whether creating waits until the instance runs. With `false` it ends once the identifier is in the state.
    #[tf(optional, local, default = true)]
    pub(crate) wait_for_ready: Attr<bool>,
    /// Whether the password of the SSH user is kept in the state. With `false`, `ssh_password` is null; the ephemeral
    /// resource `novita_instance_access` reads it whenever it is needed.
    #[tf(optional, local, default = true)]
    pub(crate) store_ssh_password: Attr<bool>,
    /// Status as the API names it: `running`, `exited` (stopped), or one on the way there.
    #[tf(computed)]
    pub(crate) status: Attr<String>,
    /// Name of the cluster.
    #[tf(computed)]
    pub(crate) cluster_name: Attr<String>,
    /// Name of the product.
    #[tf(computed)]
    pub(crate) product_name: Attr<String>,
    /// When the instance was created, in RFC 3339.
    #[tf(computed)]
    pub(crate) created_at: Attr<String>,
    /// Address in the VPC network.
    #[tf(computed, volatile = starts)]
    pub(crate) network_ip: Attr<String>,
    /// Number of vCPUs.
    #[tf(computed)]
    pub(crate) cpu_num: Attr<i64>,
    /// Memory in GB.
    #[tf(computed)]
    pub(crate) memory: Attr<i64>,
    /// Price of the whole machine in USD per hour for its way of billing, as it was when the instance was made or imported.
    #[tf(computed)]
    pub(crate) hourly_price: Attr<f64>,
    /// Public addresses of the open ports, ordered by port.
    #[tf(computed, volatile = opens_ports)]
    pub(crate) port_mappings: Attr<List<PortMapping>>,
    /// Command that opens a shell by SSH.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_command: Attr<String>,
    /// Host of `ssh_command`, for provisioners and inventories; null when the command has another form than
    /// `ssh -p PORT USER@HOST`.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_host: Attr<String>,
    /// Port of `ssh_command`, likewise.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_port: Attr<i64>,
    /// User of `ssh_command`, likewise.
    #[tf(computed, volatile = boots)]
    pub(crate) ssh_user: Attr<String>,
    /// Password of the SSH user.
    #[tf(computed, volatile = boots, sensitive)]
    pub(crate) ssh_password: Attr<String>,
    /// Address of Jupyter.
    #[tf(computed, volatile = boots)]
    pub(crate) jupyter_url: Attr<String>,
}

/// A port that can be reached from outside.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct PortMapping {
    /// Port in the instance.
    #[tf(computed)]
    pub(crate) port: Attr<i64>,
    /// How it is reached.
    #[tf(computed)]
    pub(crate) r#type: Attr<Protocol>,
    /// Public address; null until the instance runs.
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
