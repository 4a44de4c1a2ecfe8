//! `novita_templates`: the templates that can be chosen from, the vendor's official ones unless others are asked for.

use tfplugin::attr::{Attr, List, Map, Set};
use tfplugin::data_source::DataSource;
use tfplugin::model::{Model, StringEnum};
use tfplugin::resource::Result;

use crate::provider::clients::{Clients, Cx, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::remote::Answer as _;
use crate::provider::novita::instance::ports::Port;
use crate::provider::novita::template::answer::Template;
use crate::provider::read_back::text_or_null;

/// List templates of Novita AI: images with settings for instances.
///
/// All filters must match. Without `channel`, the official templates of the vendor are listed; only their images
/// support `tools` of instances. An empty result is not an error.
///
/// Vendor documentation: [List templates](https://novita.ai/docs/api-reference/gpu-instance-list-template).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Templates {
    /// Publishers of the templates. `official`: the vendor. `community`: other users. `private`: the account itself.
    /// If omitted, `official`.
    #[tf(optional, items = 1..=3)]
    channel: Attr<Set<Channel>>,
    /// Part of the name, as searched by the API.
    #[tf(optional, len = 1..=255)]
    name: Attr<String>,
    /// Only templates with this purpose: `instance` or, in some responses, `serverless`.
    #[tf(optional, len = 1..=255)]
    r#type: Attr<String>,
    /// Matching templates, sorted by ID.
    #[tf(computed)]
    templates: Attr<List<Listed>>,
}

/// Whose a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum Channel {
    Official,
    Community,
    Private,
}

/// A template.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Listed {
    /// ID of the template.
    #[tf(computed)]
    id: Attr<String>,
    /// Name of the template.
    #[tf(computed)]
    name: Attr<String>,
    /// Publisher: `official`, `community` or `private`.
    #[tf(computed)]
    channel: Attr<String>,
    /// Purpose of the template, such as `instance`.
    #[tf(computed)]
    r#type: Attr<String>,
    /// Image, for `image_url` of instances.
    #[tf(computed)]
    image: Attr<String>,
    /// ID of the registry login of the image.
    #[tf(computed)]
    image_auth_id: Attr<String>,
    /// Size of the system disk in GB.
    #[tf(computed)]
    rootfs_size: Attr<i64>,
    /// Description in Markdown, shown in the console.
    #[tf(computed)]
    readme: Attr<String>,
    /// Start command, for `command` of instances.
    #[tf(computed)]
    start_command: Attr<String>,
    /// Entry point, for `entrypoint` of instances.
    #[tf(computed)]
    entrypoint: Attr<String>,
    /// Ports, for `ports` of instances.
    #[tf(computed)]
    ports: Attr<Set<String>>,
    /// Environment variables. All are sensitive, because the API does not return which ones are secret.
    #[tf(computed, sensitive)]
    envs: Attr<Map<String>>,
    /// Minimum CUDA version of the machine.
    #[tf(computed)]
    min_cuda_version: Attr<String>,
}

impl DataSource for Templates {
    type Data = Clients;

    const TYPE: &'static str = "novita_templates";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let list = Template::list().filtered_by(config.query());
        let walk = list.finish(cx.novita()?, &cx.call()).await;
        let walk = walk.map_err(|error| ErrorContext::to("list the templates").failed(&error))?;
        let channels = config.channels();
        let is_wanted =
            |it: &Template| channels.iter().any(|wanted| wanted.eq_ignore_ascii_case(&it.channel));
        let listed: List<_> = walk.elements.into_iter().filter(is_wanted).map(Listed::from_answer).collect();
        config.templates = listed.into();
        Ok(config)
    }
}

impl Templates {
    fn channels(&self) -> Vec<&'static str> {
        let asked: Vec<_> =
            self.channel.known().into_iter().flat_map(Set::known).map(|it| it.as_str()).collect();
        if asked.is_empty() { vec![Channel::Official.as_str()] } else { asked }
    }

    /// What the API can filter by; a channel is one parameter each.
    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query: Vec<_> = self.channels().into_iter().map(|it| ("channel", it.to_owned())).collect();
        for (name, filter) in [("name", &self.name), ("type", &self.r#type)] {
            query.extend(filter.text().map(|it| (name, it.to_owned())));
        }
        query
    }
}

impl Listed {
    fn from_answer(answer: Template) -> Self {
        let ports = answer.ports().iter().map(Port::to_string).collect();
        let Template {
            id,
            name,
            kind,
            channel,
            image,
            image_auth,
            rootfs_size,
            readme,
            start_command,
            entrypoint,
            ports: _, // read above
            envs,
            min_cuda_version,
            create_time: _, // says nothing about what it is good for
            raw: _,         // for the update
        } = answer;
        let envs = envs.into_iter().map(|it| (it.key, it.value.expose().to_owned())).collect();
        Self {
            id: id.into(),
            name: text_or_null(name),
            channel: text_or_null(channel),
            r#type: text_or_null(kind),
            image: text_or_null(image),
            image_auth_id: text_or_null(image_auth),
            rootfs_size: Attr::from_option(rootfs_size),
            readme: text_or_null(readme),
            start_command: text_or_null(start_command),
            entrypoint: text_or_null(entrypoint),
            ports: Attr::Known(ports),
            envs: Attr::Known(envs),
            min_cuda_version: text_or_null(min_cuda_version),
        }
    }
}
