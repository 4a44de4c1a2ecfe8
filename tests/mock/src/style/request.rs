//! How a style is asked for from outside: the JSON of the control page and the names of the program's flag.

use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};
use serde_json::{Value, json};

use super::{Group, Odds, Style, Switch};

/// A change of the style, such as `{"seed":7,"draw":["fillsIn"],"on":["diskRounded"]}`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Request {
    seed: Option<u64>,
    /// Switches and whole groups that chance decides on.
    draw: Vec<Name>,
    /// Switches and whole groups that hold for every object.
    on: Vec<Name>,
    off: Vec<Name>,
    /// Seconds.
    list_lag: Option<u64>,
}

/// A group or one switch.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Name {
    Group(Group),
    Switch(Switch),
}

impl Name {
    fn read(text: &str) -> Option<Self> {
        let name = camel_case(text);
        let group = || -> Result<Group, Error> { Group::deserialize(deserializer(&name)) };
        let switch = || -> Result<Switch, Error> { Switch::deserialize(deserializer(&name)) };
        group().map(Self::Group).or_else(|_| switch().map(Self::Switch)).ok()
    }

    fn switches(self) -> Vec<Switch> {
        match self {
            Self::Group(group) => Switch::ALL.into_iter().filter(|it| it.group() == group).collect(),
            Self::Switch(switch) => vec![switch],
        }
    }
}

impl Request {
    pub(crate) fn apply(&self, style: &mut Style) {
        style.seed = self.seed.unwrap_or(style.seed);
        style.list_lag = self.list_lag.or(style.list_lag);
        let each = |names: &[Name]| names.iter().flat_map(|it| it.switches()).collect::<Vec<_>>();
        each(&self.draw).into_iter().for_each(|it| style.draw_one(it));
        each(&self.on).into_iter().for_each(|it| style.turn_on(it));
        each(&self.off).into_iter().for_each(|it| style.turn_off(it));
    }
}

impl Style {
    /// Reads names with commas between them, in `kebab-case` or `camelCase`: a group is drawn, a switch
    /// holds for every object. Errors name what is neither.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut style = Self::default();
        for text in names.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            match Name::read(text) {
                Some(Name::Group(group)) => style.draw(group),
                Some(Name::Switch(switch)) => style.turn_on(switch),
                None => return Err(format!("\"{text}\" is neither a group nor a switch")),
            }
        }
        Ok(style)
    }
}

/// Every switch with its group, whether it is on, and what it does.
pub(crate) fn overview(style: &Style) -> Value {
    let show = |it: Switch| {
        let odds = match style.odds(it) {
            None => "off",
            Some(Odds::Drawn) => "drawn",
            Some(Odds::Always) => "on",
        };
        json!({"name": it, "group": it.group(), "odds": odds, "about": it.about()})
    };
    json!({"seed": style.seed, "listLag": style.list_lag(), "switches": Switch::ALL.map(show).to_vec()})
}

fn deserializer(name: &str) -> StrDeserializer<'_, Error> {
    name.into_deserializer()
}

fn camel_case(text: &str) -> String {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (head, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
        name + &head.to_uppercase() + rest
    })
}
