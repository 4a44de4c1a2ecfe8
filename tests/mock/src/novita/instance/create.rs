//! The create call: the rules between its fields, and the machine that comes of it.

use serde_json::Value;

use super::parse::{elements, number, optional_number, read_list, text};
use super::{Env, Instance, Kind, NetworkUse, VolumeMount, ports, status};
use crate::answer::{Answer, Refusal, Result};
use crate::core::Vendor as _;
use crate::novita::Novita;
use crate::novita::catalogue::{Product, offered_in};

/// Seconds of a month that was paid for.
pub(super) const MONTH: u64 = 30 * 24 * 60 * 60;

/// Smallest root disk, in GB; less is raised to it.
const SMALLEST_DISK: u64 = 10;

/// First port of the proxy for SSH; each machine has its own.
const SSH_PORTS: u16 = 40_000;

impl Novita {
    /// Makes a machine, or says which field is wrong.
    pub(crate) fn create(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let mut instance = Instance { created_at: now, ..Instance::default() };
        read_image(body, &mut instance)?;
        instance.name = text(body, "name");
        instance.ports_sent = text(body, "ports");
        instance.ports = ports::parse(&instance.ports_sent)?;
        instance.tools = read_list(body, "tools")?;
        ports::check(&instance.ports, &instance.tools)?;
        instance.envs = read_list::<Env>(body, "envs")?;
        self.check_image_auth(&instance.image_auth_id)?;
        let offered = match body["kind"].as_str() {
            Some("gpu") => self.read_gpu(body, &mut instance, now)?,
            _ => self.read_cpu(body, &mut instance)?,
        };
        let mounts = elements(&body["networkStorages"]).map(|it| (text(it, "Id"), text(it, "mountPoint")));
        let networks = self.network_mounts("networkStorages", mounts)?;
        instance.network.id = text(body, "networkId");
        instance.cluster_id =
            self.choose_cluster(&text(body, "clusterId"), &offered, &networks, &instance.network.id)?;
        instance.volume_mounts.extend(networks);
        self.check_cluster(&instance)?;
        Ok(self.add(instance))
    }

    /// Registry credentials exist, or none are named.
    pub(super) fn check_image_auth(&self, id: &str) -> Result<()> {
        if self.knows_auth(id) {
            return Ok(());
        }
        Err(Refusal::new(
            400,
            "IMAGE_URL_OR_AUTH_ERROR",
            "imageAuthId: there are no such registry credentials",
        ))
    }

    /// The mounts of network storages that exist, each at a place of its own.
    pub(super) fn network_mounts(
        &self,
        field: &str,
        wanted: impl Iterator<Item = (String, String)>,
    ) -> Result<Vec<VolumeMount>> {
        let mut mounts: Vec<VolumeMount> = Vec::new();
        for (id, path) in wanted {
            let storage = self.storages.iter().find(|it| it.storage_id == id).ok_or_else(|| {
                Refusal::new(400, "NETWORK_STORAGE_NOT_FOUND", &format!("network storage {id} not found"))
            })?;
            let mount_path = if path.is_empty() { "/network".to_owned() } else { path };
            if mounts.iter().any(|it| it.mount_path == mount_path) {
                return Err(Refusal::field(field, "a mount point is used twice"));
            }
            mounts.push(VolumeMount {
                kind: "network".to_owned(),
                id,
                size: storage.storage_size,
                mount_path,
            });
        }
        Ok(mounts)
    }

    /// Network storages are in the machine's cluster, which has such a thing.
    pub(crate) fn check_storage_cluster(&self, mounts: &[VolumeMount], cluster: &str) -> Result<()> {
        let elsewhere = |it: &&VolumeMount| {
            self.storages.iter().any(|storage| {
                storage.storage_id == it.id && (storage.cluster_id != cluster || !self.has_storage(cluster))
            })
        };
        mounts.iter().find(elsewhere).map_or(Ok(()), |it| {
            let text = format!("network storage {} is not in cluster {cluster}", it.id);
            Err(Refusal::new(400, "CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT", &text))
        })
    }

    fn has_storage(&self, cluster: &str) -> bool {
        self.clusters.iter().any(|it| it.id == cluster && it.support_network_storage)
    }

    /// Reads the GPU form; answers the clusters that have the product.
    fn read_gpu(&self, body: &Value, instance: &mut Instance, now: u64) -> Result<Vec<String>> {
        let id = text(body, "productId");
        let product = self.products.iter().find(|it| it.id == id);
        let product = product.ok_or_else(|| Refusal::field("productId", "there is no such GPU product"))?;
        instance.kind = Kind::Gpu;
        instance.gpu_num = number(body, "gpuNum")?;
        instance.rootfs_size = number(body, "rootfsSize")?.max(SMALLEST_DISK);
        if instance.rootfs_size > product.max_root_fs {
            let most = format!("at most {} GB are possible on this product", product.max_root_fs);
            return Err(Refusal::field("rootfsSize", &most));
        }
        read_billing(body, product, instance, now)?;
        read_cuda(body, product, instance)?;
        if self.free_gpus(product) < instance.gpu_num {
            return Err(self.out_of_stock());
        }
        instance.cpu_num = product.cpu_per_gpu * instance.gpu_num;
        instance.memory = product.memory_per_gpu * instance.gpu_num;
        instance.max_rootfs_size = product.max_root_fs;
        instance.product_name.clone_from(&product.name);
        instance.product_id = id;
        Ok(product.clusters.clone())
    }

    /// Reads the CPU form; answers the clusters that have the product.
    fn read_cpu(&self, body: &Value, instance: &mut Instance) -> Result<Vec<String>> {
        let id = text(body, "productId");
        let product = self.cpu_products.iter().find(|it| it.id == id);
        let product = product.ok_or_else(|| Refusal::field("productId", "there is no such CPU product"))?;
        if !product.available_deploy {
            return Err(self.out_of_stock());
        }
        let path = text(body, "localStorageMountPoint");
        let mount_path = if path.is_empty() { "/workspace".to_owned() } else { path.clone() };
        instance.local_storage_mount_point = path;
        instance.volume_mounts.push(VolumeMount {
            kind: "local".to_owned(),
            id: String::new(),
            size: product.local_volume_size,
            mount_path,
        });
        (instance.cpu_num, instance.memory) = (product.cpu_num, product.memory_size);
        instance.rootfs_size = product.rootfs_size;
        instance.product_name.clone_from(&product.name);
        instance.product_id = id;
        Ok(product.clusters.clone())
    }

    /// The wanted cluster, or the first one that suits product, storages and network.
    fn choose_cluster(
        &self,
        wanted: &str,
        offered: &[String],
        mounts: &[VolumeMount],
        network: &str,
    ) -> Result<String> {
        if !wanted.is_empty() {
            return match self.clusters.iter().find(|it| it.id == wanted) {
                None => Err(Refusal::field("clusterId", "there is no such cluster")),
                Some(_) if !offered_in(offered, Some(wanted)) => Err(self.out_of_stock()),
                Some(cluster) => Ok(cluster.id.clone()),
            };
        }
        let mounted = |id: &str| {
            mounts.first().is_none_or(|it| {
                self.storages.iter().any(|that| that.storage_id == it.id && that.cluster_id == id)
            })
        };
        let joined =
            |id: &str| self.networks.iter().find(|it| it.id == network).is_none_or(|it| it.cluster_id == id);
        self.clusters
            .iter()
            .map(|it| &it.id)
            .find(|id| offered_in(offered, Some(id)) && mounted(id) && joined(id))
            .cloned()
            .ok_or_else(|| self.out_of_stock())
    }

    fn check_cluster(&self, instance: &Instance) -> Result<()> {
        let cluster = &instance.cluster_id;
        self.check_storage_cluster(&instance.volume_mounts, cluster)?;
        if instance.network.id.is_empty() {
            return Ok(());
        }
        match self.networks.iter().find(|it| it.id == instance.network.id) {
            None => Err(Refusal::new(400, "NETWORK_NOT_FOUND", "network not found")),
            Some(network) if network.cluster_id != *cluster => {
                Err(Refusal::field("networkId", &format!("the network is not in cluster {cluster}")))
            }
            Some(_) => Ok(()),
        }
    }

    fn add(&mut self, mut instance: Instance) -> Answer {
        match instance.kind {
            Kind::Gpu => self.created.gpu += 1,
            Kind::Cpu => self.created.cpu += 1,
        }
        let id = self.new_id();
        instance.id = self.object_id(id);
        let largest = instance.max_rootfs_size;
        instance.rootfs_size = self.platform.disk(&instance.id, instance.rootfs_size).min(largest);
        instance.ssh_password = format!("pw-{}", self.new_id());
        instance.ssh_port = self.next_ssh_port();
        instance.network = self.join_network(&instance.network.id);
        instance.walk(&status::CREATION_WALK, &self.pace);
        let answer = self.created(&instance.id);
        self.instances.push(instance);
        answer
    }

    pub(crate) fn next_ssh_port(&self) -> u16 {
        let used = self.instances.iter().map(|it| it.ssh_port).max().unwrap_or(0);
        used.max(SSH_PORTS).saturating_add(1)
    }

    fn join_network(&self, id: &str) -> NetworkUse {
        let Some(network) = self.networks.iter().find(|it| it.id == id) else { return NetworkUse::default() };
        let taken = |ip: &String| self.instances.iter().any(|it| it.network.ip == *ip);
        let ip = (2..255).map(|host| format!("{}.{host}", network.segment)).find(|ip| !taken(ip));
        NetworkUse { id: id.to_owned(), ip: ip.unwrap_or_default() }
    }
}

fn read_image(body: &Value, instance: &mut Instance) -> Result<()> {
    instance.image_url = text(body, "imageUrl");
    instance.image_auth = text(body, "imageAuth");
    instance.image_auth_id = text(body, "imageAuthId");
    instance.command = text(body, "command");
    instance.entrypoint = text(body, "entrypoint");
    if !instance.image_auth.is_empty() && !instance.image_auth.contains(':') {
        return Err(Refusal::field("imageAuth", "is not of the form username:password"));
    }
    Ok(())
}

fn read_billing(body: &Value, product: &Product, instance: &mut Instance, now: u64) -> Result<()> {
    instance.month = optional_number(body, "month")?;
    instance.billing_mode = match body["billingMode"].as_str() {
        _ if instance.month > 0 => "monthly".to_owned(),
        Some("monthly") => return Err(Refusal::field("month", "must be at least 1 with monthly billing")),
        mode => mode.unwrap_or("onDemand").to_owned(),
    };
    if !product.billing_methods.contains(&instance.billing_mode) {
        let text = format!("billingMode: {} is not possible on this product", instance.billing_mode);
        return Err(Refusal::new(400, "UNSUPPORTED_BILLING_MODE", &text));
    }
    instance.auto_renew = body["autoRenew"].as_bool().unwrap_or(false);
    instance.auto_renew_month = optional_number(body, "autoRenewMonth")?;
    if instance.auto_renew && !instance.is_monthly() {
        return Err(Refusal::field("autoRenew", "is only for monthly billing"));
    }
    if instance.auto_renew_month > 0 && !instance.auto_renew {
        return Err(Refusal::field("autoRenewMonth", "is only for monthly billing with autoRenew"));
    }
    if instance.is_monthly() {
        instance.end_time =
            i64::try_from(now.saturating_add(instance.month.saturating_mul(MONTH))).unwrap_or(i64::MAX);
    }
    Ok(())
}

fn read_cuda(body: &Value, product: &Product, instance: &mut Instance) -> Result<()> {
    instance.min_cuda_version = text(body, "minCudaVersion");
    if instance.min_cuda_version.is_empty() {
        return Ok(());
    }
    let wanted = version(&instance.min_cuda_version)
        .ok_or_else(|| Refusal::field("minCudaVersion", "is not of the form MAJOR.MINOR"))?;
    if version(&product.cuda).is_some_and(|newest| wanted > newest) {
        let text = format!("minCudaVersion: the nodes of this product have CUDA {} at most", product.cuda);
        return Err(Refusal::new(400, "CUDA_VERSION_INCOMPATIBLE", &text));
    }
    Ok(())
}

fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
