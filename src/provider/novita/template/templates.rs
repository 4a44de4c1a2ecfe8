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

/// The templates of Novita AI: images with their settings, by which instances can be configured.
///
/// All filters must hold. Without `channel` the vendor's official ones are listed, whose images have the tools (`tools` of
/// an instance). An empty list is no error.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Templates {
    /// Whose templates: `official` are the vendor's, `community` are those that others offer to everyone, `private` are the
    /// account's own. Without a value `official`.
    #[tf(optional, items = 1..=3)]
    channel: Attr<Set<Channel>>,
    /// Part of the name, as the API searches for it.
    #[tf(optional, len = 1..=255)]
    name: Attr<String>,
    /// Only those for this: `instance` or, in some answers, `serverless`.
    #[tf(optional, len = 1..=255)]
    r#type: Attr<String>,
    /// The templates, by identifier.
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

/// A template that can be chosen.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Listed {
    /// Identifier of the template.
    #[tf(computed)]
    id: Attr<String>,
    /// Name.
    #[tf(computed)]
    name: Attr<String>,
    /// Whose it is: `official`, `community` or `private`.
    #[tf(computed)]
    channel: Attr<String>,
    /// What it is for, such as `instance`.
    #[tf(computed)]
    r#type: Attr<String>,
    /// Image, for `image_url` of an instance.
    #[tf(computed)]
    image: Attr<String>,
    /// Identifier of the saved login for the image's registry.
    #[tf(computed)]
    image_auth_id: Attr<String>,
    /// Size of the system disk in GB.
    #[tf(computed)]
    rootfs_size: Attr<i64>,
    /// What the console shows of it, in Markdown.
    #[tf(computed)]
    readme: Attr<String>,
    /// Start command, for `command` of an instance.
    #[tf(computed)]
    start_command: Attr<String>,
    /// Entry point.
    #[tf(computed)]
    entrypoint: Attr<String>,
    /// Ports, as `ports` of an instance takes them.
    #[tf(computed)]
    ports: Attr<Set<String>>,
    /// Environment variables. All of them are sensitive, because the API does not show which are.
    #[tf(computed, sensitive)]
    envs: Attr<Map<String>>,
    /// Least CUDA version of the machine.
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
