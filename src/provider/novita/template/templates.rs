//! `novita_templates`: the templates that can be chosen from, the vendor's official ones unless others are asked for.

use tfplugin::attr::{Attr, Set};
use tfplugin::model::{Model, StringEnum};

use crate::provider::life_cycle::remote::Answer as _;
use crate::provider::life_cycle::selection::{Plural, Selection};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::template::{Template, answer};
use crate::provider::paging::Steps;

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
    const FOUND: (&'static str, &'static str) = ("templates", "The templates, ordered by `id`.");
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
        ("channel", "Whose it is: `official`, `community` or `private`."),
        ("type", "What it is for, such as `instance`."),
        ("image", "Image, for `image_url` of an instance."),
        ("start_command", "Start command, for `command` of an instance."),
        ("ports", "Ports, as `ports` of an instance takes them."),
        (
            "envs",
            "Environment variables. All of them are sensitive, because the API does not tell which are.",
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
