//! What an answer about an endpoint means for its state.
//!
//! Takes the answer apart field by field, so that a new field does not compile until someone has
//! decided what it means: learnt, read back, or left alone; [`ReadBack`] holds the rules.

use tfplugin::attr::{Attr, Set};
use tfplugin::model::StringEnum;

use crate::provider::envs;
use crate::provider::life_cycle::phase::spelled;
use crate::provider::novita::endpoint::{
    Endpoint, Healthy, Image, Policy, PolicyType, VolumeMount, VolumeType, WorkerConfig, answer,
};
use crate::provider::novita::instance::answer as instance;
use crate::provider::read_back::{Origin, ReadBack, read_back, read_back_text, text_or_null};

impl Endpoint {
    /// Takes over what the API says, all but the id.
    pub(super) fn refresh(&mut self, endpoint: answer::Endpoint, origin: Origin) -> ReadBack {
        let mut back = ReadBack::of::<Self>(origin);
        let answer::Endpoint {
            id: _, // is the life cycle's matter
            name,
            app_name,
            url,
            state,
            worker_config,
            policy,
            image,
            rootfs_size,
            volume_mounts,
            envs: variables,
            ports,
            workers: _, // they come and go with the requests
            products,
            healthy,
            cluster_id,
            created_at: _, // told by no documented answer
            kind: _,       // nothing that can be configured
            raw: _,        // for the update
        } = endpoint;
        read_back_text(&mut self.name, name);
        back.learn_text("app_name", &mut self.app_name, app_name);
        read_back_text(&mut self.url, url);
        self.status = text_or_null(spelled(answer::PHASES, &state.state));
        self.take_workers(worker_config, &back);
        self.take_policy(&policy);
        self.take_image(image, &back);
        back.learn_size("rootfs_size", &mut self.rootfs_size, rootfs_size);
        self.take_volumes(volume_mounts, &back);
        envs::read_back(&mut self.envs, &mut self.secret_envs, variables, origin);
        read_back(&mut self.port, ports.first().and_then(|it| it.port));
        self.take_products(products, &mut back);
        if !healthy.path.is_empty() {
            self.healthy = Healthy { path: healthy.path.into() }.into();
        }
        read_back_text(&mut self.cluster_id, cluster_id); // told only with network storage
        back
    }

    /// An answer that shows some of the products that were asked for is no other choice of products.
    fn take_products(&mut self, products: Vec<answer::Product>, back: &mut ReadBack) {
        let asked: Vec<_> = self.product_ids.known().into_iter().flat_map(Set::known).collect();
        let shows_some =
            products.iter().any(|it| asked.iter().any(|asked| asked.eq_ignore_ascii_case(&it.id)));
        let products: Set<String> =
            products.into_iter().map(|it| it.id).filter(|it| !it.is_empty()).collect();
        let told = Some(products).filter(|it| !it.0.is_empty() && !shows_some);
        back.learn("product_ids", &mut self.product_ids, told);
    }

    /// A local disk that nobody asked for is the platform's own, and an update leaves it there.
    fn take_volumes(&mut self, mounts: Vec<instance::VolumeMount>, back: &ReadBack) {
        let asked: Vec<_> = self.volume_mounts.known().into_iter().flat_map(Set::known).collect();
        let is_ours = |it: &VolumeMount| {
            back.origin == Origin::Imported
                || it.r#type.known() == Some(&VolumeType::Network)
                || asked.iter().any(|asked| asked.mount_path == it.mount_path)
        };
        let shown = mounts.into_iter().filter_map(volume).filter(is_ours).collect();
        back.optional_set(&mut self.volume_mounts, shown);
    }

    /// Members that the answer leaves out keep what was known.
    fn take_workers(&mut self, answer: answer::WorkerConfig, back: &ReadBack) {
        let answer::WorkerConfig {
            min_num,
            max_num,
            free_timeout,
            max_concurrent,
            gpu_num,
            request_timeout,
            cuda_version,
        } = answer;
        let mut workers = match &self.worker_config {
            Attr::Known(known) => known.clone(),
            Attr::Null | Attr::Unknown => WorkerConfig::default(),
        };
        read_back(&mut workers.min_num, min_num);
        read_back(&mut workers.max_num, max_num);
        read_back(&mut workers.free_timeout, free_timeout);
        read_back(&mut workers.max_concurrent, max_concurrent);
        read_back(&mut workers.gpu_num, gpu_num);
        read_back(&mut workers.request_timeout, request_timeout);
        back.optional_text(&mut workers.cuda_version, cuda_version);
        self.worker_config = workers.into();
    }

    fn take_policy(&mut self, answer: &answer::Policy) {
        let kind = PolicyType::from_text(&answer.kind);
        if let (Some(kind), Some(value)) = (kind, answer.value) {
            self.policy = Policy { r#type: kind.into(), value: value.into() }.into();
        }
    }

    fn take_image(&mut self, answer: answer::Image, back: &ReadBack) {
        let answer::Image { image: url, auth_id, command } = answer;
        let mut image = match &self.image {
            Attr::Known(known) => known.clone(),
            Attr::Null | Attr::Unknown => Image::default(),
        };
        read_back_text(&mut image.image, url);
        back.optional_text(&mut image.auth_id, auth_id);
        back.optional_text(&mut image.command, command);
        self.image = image.into();
    }
}

/// A disk as it is configured: the id that a local one is given, and the size of a storage, are not.
fn volume(mount: instance::VolumeMount) -> Option<VolumeMount> {
    let kind = VolumeType::from_text(&mount.kind)?;
    let (size, id) = match kind {
        VolumeType::Local => (Attr::from_option(mount.size), Attr::Null),
        VolumeType::Network => (Attr::Null, mount.id.into()),
    };
    Some(VolumeMount { r#type: kind.into(), size, id, mount_path: mount.mount_path.into() })
}
