//! What an answer about an endpoint means for its state.
//!
//! Takes the answer apart field by field, so that a new field does not compile until someone has
//! decided what it means.

use std::collections::BTreeMap;

use crate::framework::attr::Attr;
use crate::framework::model::StringEnum;
use crate::provider::endpoint::calls::answer;
use crate::provider::endpoint::resource::{
    Endpoint, Healthy, Image, Policy, PolicyType, VolumeMount, VolumeType, WorkerConfig,
};
use crate::provider::envs;
use crate::provider::instance::calls::answer as instance;
use crate::provider::read_back::{read_back, read_back_text, text_or_null};

impl Endpoint {
    /// Takes over what the API says.
    pub(crate) fn refresh(&mut self, endpoint: answer::Endpoint) {
        let just_imported = self.image.is_null(); // required, so a state without it knows the id alone
        let answer::Endpoint {
            id,
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
        } = endpoint;
        self.id = id.into();
        read_back_text(&mut self.name, name);
        read_back_text(&mut self.app_name, app_name);
        read_back_text(&mut self.url, url);
        self.status = text_or_null(state.state);
        self.take_workers(worker_config);
        self.take_policy(&policy);
        self.take_image(image);
        read_back(&mut self.rootfs_size, rootfs_size);
        self.volume_mounts = Attr::Known(volume_mounts.into_iter().filter_map(volume).collect());
        self.take_envs(variables, just_imported);
        read_back(&mut self.port, ports.first().and_then(|it| it.port));
        if !products.is_empty() {
            self.product_ids = Attr::Known(products.into_iter().map(|it| it.id).collect());
        }
        if !healthy.path.is_empty() {
            self.healthy = Healthy { path: healthy.path.into() }.into();
        }
        read_back_text(&mut self.cluster_id, cluster_id); // told only with network storage
    }

    /// Members that the answer leaves out keep what was known.
    fn take_workers(&mut self, answer: answer::WorkerConfig) {
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
        workers.cuda_version = text_or_null(cuda_version);
        self.worker_config = workers.into();
    }

    fn take_policy(&mut self, answer: &answer::Policy) {
        if let (Some(kind), Some(value)) = (PolicyType::from_text(&answer.kind), answer.value) {
            self.policy = Policy { r#type: kind.into(), value: value.into() }.into();
        }
    }

    fn take_image(&mut self, answer: answer::Image) {
        let answer::Image { image: url, auth_id, command } = answer;
        let mut image = match &self.image {
            Attr::Known(known) => known.clone(),
            Attr::Null | Attr::Unknown => Image::default(),
        };
        read_back_text(&mut image.image, url);
        image.auth_id = text_or_null(auth_id);
        image.command = text_or_null(command);
        self.image = image.into();
    }

    fn take_envs(&mut self, variables: Vec<instance::Env>, just_imported: bool) {
        let variables: BTreeMap<_, _> =
            variables.into_iter().map(|it| (it.key, it.value.expose().to_owned())).collect();
        match just_imported {
            true => envs::import(&mut self.envs, variables),
            false => envs::refresh(&mut self.envs, &mut self.secret_envs, &variables),
        }
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
