//! The block `timeouts`: durations as users write them, and the time left for an operation.

use std::time::Duration;

use crate::types::Type;
use crate::value::{Value, by_name};

/// Name of the block that holds the time-outs.
pub const TIMEOUTS: &str = "timeouts";

/// How long the operations of a resource may take unless configured otherwise, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Creating, waiting included.
    pub create: u64,
    /// Changing, waiting included.
    pub update: u64,
    /// Destroying, waiting included.
    pub delete: u64,
}

impl Timeouts {
    /// Twenty minutes for each.
    pub(crate) const DEFAULT: Self = Self { create: 20 * 60, update: 20 * 60, delete: 20 * 60 };
}

/// The operations that have a time-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Creating, waiting included.
    Create,
    /// Changing in place.
    Update,
    /// Destroying.
    Delete,
}

impl Operation {
    const ALL: [Self; 3] = [Self::Create, Self::Delete, Self::Update];

    /// The name in the block, which is also the word for users.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// How long the operation may take: as configured, else by default.
    pub fn limit(self, object: &Value, defaults: Option<Timeouts>) -> Duration {
        let configured = object.get(TIMEOUTS).get(self.name()).as_str();
        let default = || Duration::from_secs(self.default(&defaults.unwrap_or(Timeouts::DEFAULT)));
        configured.and_then(|it| parse_duration(it).ok()).unwrap_or_else(default)
    }

    fn default(self, defaults: &Timeouts) -> u64 {
        match self {
            Self::Create => defaults.create,
            Self::Update => defaults.update,
            Self::Delete => defaults.delete,
        }
    }

    /// What the time-out bounds, for users.
    fn description(self, defaults: &Timeouts) -> String {
        let what = match self {
            Self::Create => "creation",
            Self::Update => "updates in place",
            Self::Delete => "deletion",
        };
        let seconds = self.default(defaults);
        let default =
            if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") };
        format!(
            "Maximum duration of {what} including waiting, such as `30m` or `1h30m`. Default: `{default}`. \
             Changing it only affects the state."
        )
    }
}

/// The attributes of the block `timeouts`, with what each bounds, sorted by name.
pub(crate) fn timeouts_attributes(timeouts: &Timeouts) -> [(&'static str, String); 3] {
    Operation::ALL.map(|it| (it.name(), it.description(timeouts)))
}

/// The type of the block `timeouts`.
pub(crate) fn timeouts_type() -> Type {
    Type::Object(by_name(Operation::ALL.into_iter().map(|it| (it.name().to_owned(), Type::String))))
}

/// A duration with a unit, such as `90s`, `30m` or `1h30m`; above zero.
///
/// # Errors
/// What is wrong with the text and what is allowed, without the attribute's name.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let allowed = "Write a positive duration with a unit, such as `90s`, `30m` or `1h30m`.";
    // The parser also reads ISO 8601 (`PT5M`) and spaces, which clients' own durations never have.
    let compact = text.starts_with(|it: char| it.is_ascii_digit() || it == '.')
        && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '.' || it == 'µ');
    let parsed = text.parse::<jiff::SignedDuration>().ok().filter(|it| compact && it.is_positive());
    parsed.and_then(|it| Duration::try_from(it).ok()).ok_or_else(|| allowed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        let seconds = |text| parse_duration(text).map(|it| it.as_secs_f64());
        assert_eq!(seconds("30m"), Ok(1800.0));
        assert_eq!(seconds("1h30m"), Ok(5400.0));
        assert_eq!(seconds("1.5h"), Ok(5400.0));
        assert_eq!(seconds("90s"), Ok(90.0));
        assert_eq!(seconds("250ms"), Ok(0.25));
    }

    #[test]
    fn durations_without_unit_or_above_nothing_are_refused() {
        for text in ["", "30", "-5m", "0s", "soon", "5 m", "PT5M", "1d2", "m"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_configured_limit_wins_over_the_default() {
        let mut block = Value::Map([("create".to_owned(), Value::from("45m"))].into());
        block.set("delete", Value::Null);
        let object = Value::Map([(TIMEOUTS.to_owned(), block)].into());
        let defaults = Some(Timeouts { create: 1, update: 2, delete: 3 });
        assert_eq!(Operation::Create.limit(&object, defaults), Duration::from_secs(2700));
        assert_eq!(Operation::Update.limit(&object, defaults), Duration::from_secs(2));
        assert_eq!(Operation::Delete.limit(&object, defaults), Duration::from_secs(3));
        assert_eq!(Operation::Delete.limit(&object, None), Duration::from_secs(1200));
    }
}
