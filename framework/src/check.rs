//! The rules that one attribute's value can be held to, and the words for each.
//!
//! A message never names the attribute: the path is added by `validate`, which also leaves out a fault that repeats a
//! secret.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::number::Number;
use crate::value::Value;

/// A form of text with its description.
pub struct Format {
    /// Completes "It must be …" for the docs and the error.
    pub text: &'static str,
    /// Why a text is refused, if it is; `None`: it has the form.
    pub reject: fn(&str) -> Option<String>,
}

/// A rule over one value. Rules about text and numbers apply to the elements of a collection.
#[derive(Clone)]
pub enum Check {
    /// A whole number that a Rust type holds: its least and its greatest.
    Whole(RangeInclusive<i128>),
    /// Least and most characters.
    Length(RangeInclusive<i64>),
    /// A number that a double can hold.
    Finite,
    /// Least and greatest number.
    Range(Option<Number>, Option<Number>),
    /// Least and most elements.
    Items(RangeInclusive<i64>),
    /// Least and most characters of each key.
    KeyLength(RangeInclusive<i64>),
    /// The only texts allowed.
    OneOf(Vec<&'static str>),
    /// The only numbers allowed.
    OneOfNumbers(&'static [i64]),
    /// A form of text.
    Format(&'static Format),
}

/// A Rust number as a bound of a range.
pub trait Bound {
    /// The bound; `None` for an end of the type, which bounds nothing.
    fn bound(self) -> Option<Number>;
}

macro_rules! bounds {
    ($($ty:ident)*) => {$(
        impl Bound for $ty {
            fn bound(self) -> Option<Number> {
                (self != Self::MIN && self != Self::MAX || self == 0).then(|| Number::from(self))
            }
        }
    )*};
}

bounds!(i32 i64 u32 u64);

impl Bound for Number {
    fn bound(self) -> Option<Number> {
        Some(self)
    }
}

impl Bound for f64 {
    fn bound(self) -> Option<Number> {
        Number::from_f64(self)
    }
}

impl Check {
    /// Whether the rule is about the collection itself, not its elements.
    pub(crate) fn is_about_collection(&self) -> bool {
        matches!(self, Self::Items(_) | Self::KeyLength(_))
    }

    /// Why a known value is refused, if it is. Values of a type the rule is not about pass.
    pub fn reject(&self, value: &Value) -> Option<String> {
        let fault = match self {
            Self::Whole(bounds) => whole(value, bounds),
            Self::Length(bounds) => length(value.as_str()?.chars().count(), bounds, "characters long"),
            Self::Finite => finite(value),
            Self::Range(least, most) => range(value, least.as_ref(), most.as_ref()),
            Self::Items(bounds) => items(value, bounds),
            Self::KeyLength(bounds) => key_length(value, bounds),
            Self::OneOf(texts) => not_one_of(value.as_str()?, texts),
            Self::OneOfNumbers(numbers) => {
                let number = value.as_number()?;
                let is_listed = numbers.iter().any(|it| Number::from(*it) == *number);
                (!is_listed).then(|| format!("This one is {number}."))
            }
            Self::Format(format) => (format.reject)(value.as_str()?),
        }?;
        Some(match self.demand() {
            Some(demand) => format!("{demand}. {fault}"),
            None => fault,
        })
    }

    /// The rule as a sentence for the docs; `None` where the type says it already.
    pub(crate) fn describe(&self) -> Option<String> {
        self.demand().filter(|_| !matches!(self, Self::Whole(_) | Self::Finite)).map(|it| format!("{it}."))
    }

    /// What is wanted, without the full stop; it repeats nothing of a value.
    pub(crate) fn demand(&self) -> Option<String> {
        Some(match self {
            Self::Whole(bounds) if is_64_bits(bounds) => "It must be a whole number".to_owned(),
            Self::Whole(bounds) => {
                format!("It must be a whole number from {} to {}", bounds.start(), bounds.end())
            }
            Self::Length(bounds) => format!("Length: {}", bounds_text(bounds, "character")),
            Self::Finite => "It must be a number that fits in 64 bits".to_owned(),
            Self::Range(Some(least), Some(most)) => format!("Range: {least} to {most}"),
            Self::Range(Some(least), None) => format!("Range: at least {least}"),
            Self::Range(None, Some(most)) => format!("Range: at most {most}"),
            Self::Range(None, None) => return None,
            Self::Items(bounds) => format!("Size: {}", bounds_text(bounds, "element")),
            Self::KeyLength(bounds) => format!("Length of each key: {}", bounds_text(bounds, "character")),
            Self::OneOf(texts) => format!("Allowed values: {}", listed(texts)),
            Self::OneOfNumbers(numbers) => format!("Allowed values: {}", listed(numbers)),
            Self::Format(format) => format!("It must be {}", format.text),
        })
    }
}

fn listed<T: std::fmt::Display>(elements: &[T]) -> String {
    elements.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

fn bounds_text(bounds: &RangeInclusive<i64>, unit: &str) -> String {
    let counted = |number: i64| match number {
        1 => format!("1 {unit}"),
        _ => format!("{number} {unit}s"),
    };
    match (*bounds.start(), *bounds.end()) {
        (least, i64::MAX) => format!("at least {}", counted(least)),
        (0, most) => format!("at most {}", counted(most)),
        (least, most) if least == most => format!("exactly {}", counted(most)),
        (least, most) => format!("{least} to {}", counted(most)),
    }
}

/// Whether these are the bounds that nobody needs to be told.
fn is_64_bits(bounds: &RangeInclusive<i128>) -> bool {
    *bounds == (i128::from(i64::MIN)..=i128::from(i64::MAX))
}

fn whole(value: &Value, bounds: &RangeInclusive<i128>) -> Option<String> {
    let number = value.as_number()?;
    match number.to_whole().is_some_and(|it| bounds.contains(&it)) {
        true => None,
        false if is_64_bits(bounds) => {
            Some("The number has a fraction or does not fit in 64 bits.".to_owned())
        }
        false => Some(format!("This one is {number}.")),
    }
}

fn length(count: usize, bounds: &RangeInclusive<i64>, what: &str) -> Option<String> {
    let fits = i64::try_from(count).is_ok_and(|count| bounds.contains(&count));
    (!fits).then(|| format!("This one is {count} {what}."))
}

fn finite(value: &Value) -> Option<String> {
    let fits = value.as_number()?.to_f64().is_finite();
    (!fits).then(|| "The number is too large.".to_owned())
}

fn range(value: &Value, least: Option<&Number>, most: Option<&Number>) -> Option<String> {
    let number = value.as_number()?;
    let fits = least.is_none_or(|it| number >= it) && most.is_none_or(|it| number <= it);
    (!fits).then(|| format!("This one is {number}."))
}

fn items(value: &Value, bounds: &RangeInclusive<i64>) -> Option<String> {
    let count = value.as_map().map(BTreeMap::len).or(value.as_slice().map(<[Value]>::len))?;
    if matches!(value, Value::Set(_)) && !value.is_wholly_known() {
        return None; // unknown elements may turn out to be one and the same
    }
    let fits = i64::try_from(count).is_ok_and(|count| bounds.contains(&count));
    (!fits).then(|| format!("There are {count}."))
}

fn key_length(value: &Value, bounds: &RangeInclusive<i64>) -> Option<String> {
    let keys = value.as_map()?.keys();
    keys.map(|key| key.chars().count()).find_map(|count| length(count, bounds, "characters long"))
}

/// A text of more characters is not repeated.
const SHORT: usize = 60;

fn not_one_of(text: &str, allowed: &[&str]) -> Option<String> {
    if allowed.contains(&text) {
        return None;
    }
    if text.chars().count() > SHORT {
        return Some("This value is none of them.".to_owned());
    }
    let slip = |it: &&&str| strsim::damerau_levenshtein(&it.to_lowercase(), &text.to_lowercase()) <= 2;
    let meant = allowed.iter().find(slip).map(|it| format!("; did you mean `{it}`?"));
    Some(format!("Got `{text}`{}", meant.unwrap_or_else(|| ".".to_owned())))
}
