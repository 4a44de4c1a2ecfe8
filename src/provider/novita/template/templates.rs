//! `novita_templates`: the templates that can be chosen from, the vendor's official ones unless others are asked for.

use tfplugin::attr::{Attr, Set};
use tfplugin::model::{Model, StringEnum};

use crate::provider::life_cycle::remote::Answer as _;
use crate::provider::life_cycle::selection::{Plural, Selection};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::template::{Template, answer};
use crate::provider::paging::Steps;

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
}

/// Whose a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum Channel {
    Official,
    Community,
    Private,
}

impl Selection for Templates {
    type Life = StoredLife<Template>;

    fn wants(&self, it: &answer::Template) -> bool {
        self.channels().iter().any(|wanted| wanted.eq_ignore_ascii_case(&it.channel))
    }

    fn steps(&self) -> Steps<answer::Template> {
        answer::Template::list().filtered_by(self.query())
    }
}

impl Plural for Templates {
    const TYPE: &'static str = "novita_templates";
    const FOUND: (&'static str, &'static str) = ("templates", "Matching templates, sorted by ID.");
    const ELEMENT: &'static [&'static str] = &[
        "id",
        "name",
        "channel",
        "type",
        "image",
        "image_auth_id",
        "rootfs_size",
        "readme",
        "start_command",
        "entrypoint",
        "ports",
        "envs",
        "min_cuda_version",
        "created_at",
    ];
    const SENSITIVE: &'static [&'static str] = &["envs"];
    const TEXTS: &'static [(&'static str, &'static str)] = &[
        ("channel", "Publisher: `official`, `community` or `private`."),
        ("type", "Purpose of the template, such as `instance`."),
        ("image", "Image, for `image_url` of instances."),
        ("start_command", "Start command, for `command` of instances."),
        ("ports", "Ports, for `ports` of instances."),
        (
            "envs",
            "Environment variables. All are sensitive, because the API does not return which ones are secret.",
        ),
    ];
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
