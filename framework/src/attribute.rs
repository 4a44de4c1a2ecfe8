//! One attribute of a schema: its type, its rules, its texts, and the builder that the derive writes.
//!
//! Holds what is known and computes the description that users read; what follows from it in plans,
//! checks and bodies is elsewhere. Reached as [`crate::schema::Attribute`].

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::attr::FieldType;
use crate::check::{Bound, Check, Format};
use crate::model::Model;
use crate::plan::Difference;
use crate::schema::{AttributeType, Nesting};
use crate::value::Value;

/// What a new value of an attribute costs.
#[derive(Clone, Copy, Default)]
pub enum OnChange {
    /// The value is never configured.
    #[default]
    NotConfigurable,
    /// The resource is replaced.
    Replace,
    /// The resource is replaced when the function says so of (old, new), or the new value is not known yet; else
    /// a call changes it.
    ReplaceIf(fn(&Value, &Value) -> bool, &'static str),
    /// A call changes it. The text names what the call does.
    Update(&'static str),
    /// Only the state changes.
    StateOnly,
}

/// One attribute: name, type, rules, text and wire name.
#[derive(Clone)]
pub struct Attribute {
    /// Name in HCL.
    pub name: &'static str,
    /// Type.
    pub(crate) ty: AttributeType,
    /// What it is, for users; [`Attribute::description`] adds limits and the cost of a change.
    pub text: &'static str,
    /// Must be configured.
    pub required: bool,
    /// May be configured.
    pub optional: bool,
    /// The provider may choose the value.
    pub computed: bool,
    /// Clients hide it.
    pub sensitive: bool,
    /// In the configuration only: never in plan or state.
    pub write_only: bool,
    /// Why it should no longer be used.
    pub(crate) deprecated: Option<&'static str>,
    /// Planned when nothing is configured.
    pub(crate) default: Option<Value>,
    /// What the API takes no value for, where no default is planned.
    pub(crate) unset: Option<Value>,
    /// An empty text is as good as none.
    pub(crate) empty_is_null: bool,
    /// Elements of the collection may be null.
    pub(crate) null_elements: bool,
    /// The form in which texts that mean the same are equal.
    pub(crate) canonical: Option<fn(&str) -> String>,
    /// What a configured value must satisfy.
    pub(crate) checks: Vec<Check>,
    /// What a new value costs.
    pub(crate) on_change: OnChange,
    /// Computed, and may differ after a change in place for which this says so.
    pub(crate) volatile: Option<fn(&Difference<'_>) -> bool>,
    /// The API may not return it, so a configured value is adopted after import.
    pub(crate) not_returned: bool,
    /// A size that means "at least": more is as good.
    pub(crate) at_least: bool,
    /// `true` forbids destroying and replacing.
    pub(crate) deletion_protection: bool,
    /// Part of the object's identity.
    pub(crate) identity: bool,
    /// Written as blocks instead of as a value.
    pub(crate) block: bool,
    /// A block that is always there: what is not configured of it is null inside.
    pub(crate) group: bool,
    /// How it travels in a create request.
    #[cfg(feature = "rest")]
    pub(crate) wire: Option<crate::body::Wire>,
}

impl Attribute {
    /// An attribute of the field type `T`, not yet required, optional or computed.
    pub fn new<T: FieldType>(name: &'static str, text: &'static str) -> Self {
        Self { checks: T::checks(), ..Self::of_type(name, text, T::attribute_type()) }
    }

    /// An attribute of this type, with no rules at all.
    pub(crate) fn of_type(name: &'static str, text: &'static str, ty: AttributeType) -> Self {
        Self {
            name,
            ty,
            text,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: None,
            default: None,
            unset: None,
            empty_is_null: false,
            null_elements: false,
            canonical: None,
            checks: Vec::new(),
            on_change: OnChange::NotConfigurable,
            volatile: None,
            not_returned: false,
            at_least: false,
            deletion_protection: false,
            identity: false,
            block: false,
            group: false,
            #[cfg(feature = "rest")]
            wire: None,
        }
    }

    /// Must be configured.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// May be configured.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The provider may choose the value.
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// Clients hide it.
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// In the configuration only.
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Still accepted, with this advice as a warning.
    #[cfg_attr(not(test), expect(dead_code, reason = "no attribute has been retired yet"))]
    pub(crate) fn deprecated(mut self, advice: &'static str) -> Self {
        self.deprecated = Some(advice);
        self
    }

    /// Planned when nothing is configured. Makes the attribute computed too, as the protocol wants.
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self.computed = true;
        self
    }

    /// What the API takes no value for. Null stays null, and a change from one to the other is none.
    pub fn unset(mut self, value: impl Into<Value>) -> Self {
        self.unset = Some(value.into());
        self
    }

    /// An empty text is as good as none: it reaches the model as null.
    pub fn empty_is_null(mut self) -> Self {
        self.empty_is_null = true;
        self
    }

    /// Elements of the collection may be null, which they must not be otherwise.
    pub fn null_elements(mut self) -> Self {
        self.null_elements = true;
        self
    }

    /// Texts with the same canonical form are equal: a change from one to the other is none. It holds for each
    /// element of a collection.
    pub fn canonical(mut self, form: fn(&str) -> String) -> Self {
        self.canonical = Some(form);
        self
    }

    /// A text in the form in which it is compared; words of an enumeration are equal in any case.
    pub(crate) fn canonical_text(&self, text: &str) -> String {
        let words =
            self.checks.iter().find_map(|it| if let Check::OneOf(words) = it { Some(words) } else { None });
        match (self.canonical, words) {
            (Some(form), _) => form(text),
            (None, Some(words)) => {
                words.iter().find(|it| it.eq_ignore_ascii_case(text)).unwrap_or(&text).to_string()
            }
            (None, None) => text.to_owned(),
        }
    }

    /// What a configured value must satisfy.
    pub(crate) fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Length in characters, of the text or of each element.
    pub fn len(self, characters: RangeInclusive<i64>) -> Self {
        self.check(Check::Length(characters))
    }

    /// Bounds of the number; the ends of the Rust type (for `f64`, the infinities) are no bounds.
    pub fn range<T: Bound>(self, bounds: RangeInclusive<T>) -> Self {
        let (least, most) = bounds.into_inner();
        self.check(Check::Range(least.bound(), most.bound()))
    }

    /// The only numbers allowed.
    pub fn one_of(self, numbers: &'static [i64]) -> Self {
        self.check(Check::OneOfNumbers(numbers))
    }

    /// How many elements.
    pub fn items(self, bounds: RangeInclusive<i64>) -> Self {
        self.check(Check::Items(bounds))
    }

    /// Length of each key of a map, in characters.
    pub fn keys(self, characters: RangeInclusive<i64>) -> Self {
        self.check(Check::KeyLength(characters))
    }

    /// A form of the text, or of each element.
    pub fn format(self, format: &'static Format) -> Self {
        self.check(Check::Format(format))
    }

    /// A new value replaces the resource.
    pub fn replace(mut self) -> Self {
        self.on_change = OnChange::Replace;
        self
    }

    /// A new value replaces the resource when `decide(old, new)`.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no attribute of ours decides it by the value at present")
    )]
    pub(crate) fn replace_if(mut self, decide: fn(&Value, &Value) -> bool, text: &'static str) -> Self {
        self.on_change = OnChange::ReplaceIf(decide, text);
        self
    }

    /// A new value is applied by a call; the text says what the call does.
    pub fn via(mut self, text: &'static str) -> Self {
        self.on_change = OnChange::Update(text);
        self
    }

    /// A new value changes the state only.
    pub fn local(mut self) -> Self {
        self.on_change = OnChange::StateOnly;
        self
    }

    /// May differ after any call.
    pub fn volatile(self) -> Self {
        self.volatile_when(|_| true)
    }

    /// May differ after a change in place for which this says so; it keeps its value otherwise.
    pub fn volatile_when(mut self, is_touched: fn(&Difference<'_>) -> bool) -> Self {
        self.volatile = Some(is_touched);
        self
    }

    /// Not surely returned by the API.
    pub fn not_returned(mut self) -> Self {
        self.not_returned = true;
        self
    }

    /// Means "at least".
    pub fn at_least(mut self) -> Self {
        self.at_least = true;
        self
    }

    /// Forbids destroying and replacing while true.
    pub fn deletion_protection(mut self) -> Self {
        self.deletion_protection = true;
        self
    }

    /// Part of what tells the object from all others, for as long as it exists.
    pub fn identity(mut self) -> Self {
        self.identity = true;
        self
    }

    /// Written as blocks of this model, in the mode that the field type says.
    pub fn block<M: Model>(mut self) -> Self {
        self.block = true;
        self
    }

    /// Written as a block of this model that is always there.
    pub fn group<M: Model>(mut self) -> Self {
        self.group = true;
        self.block::<M>()
    }

    /// Least and most blocks for the client to see to; no most is 0, as in the protocol. Of blocks under keys it knows
    /// no number.
    pub(crate) fn block_count(&self) -> (i64, i64) {
        let needed = i64::from(self.required);
        let bounds =
            self.checks.iter().find_map(|it| if let Check::Items(it) = it { Some(it) } else { None });
        match (self.nested(), bounds) {
            (Some((Nesting::Single, _)), _) => (needed, needed),
            (Some((Nesting::List | Nesting::Set, _)), Some(bounds)) => {
                let most = Some(*bounds.end()).filter(|it| *it != i64::MAX);
                (needed * needed.max(*bounds.start()), most.unwrap_or(0))
            }
            (Some((Nesting::List | Nesting::Set, _)), None) => (needed, 0),
            _ => (0, 0),
        }
    }

    /// What stands where nothing is: null, and where there are no blocks, none of them.
    pub(crate) fn nothing(&self) -> Value {
        match self.nested() {
            Some((Nesting::List, _)) if self.block => Value::List(Vec::new()),
            Some((Nesting::Set, _)) if self.block => Value::Set(Vec::new()),
            Some((Nesting::Map, _)) if self.block => Value::Map(BTreeMap::new()),
            Some((Nesting::Single, attributes)) if self.group => {
                Value::object(attributes.iter().map(|it| (it.name.to_owned(), it.nothing())))
            }
            _ => Value::Null,
        }
    }

    /// Its name in a request, which attributes that are one there share; without the feature `rest` it has none.
    pub(crate) fn wire_name(&self) -> Option<&str> {
        #[cfg(feature = "rest")]
        return self.wire.as_ref().map(|it| it.name.as_str());
        #[cfg(not(feature = "rest"))]
        None
    }

    /// Whether nobody may read its value in a message.
    pub fn is_secret(&self) -> bool {
        self.sensitive || self.write_only
    }

    /// The nested attributes, for an attribute that has some.
    pub fn nested(&self) -> Option<(Nesting, &[Self])> {
        match &self.ty {
            AttributeType::Value(_) => None,
            AttributeType::Nested(nesting, attributes) => Some((*nesting, attributes)),
        }
    }

    /// Everything that a user should know: what it is, its limits, default, and what a change does.
    pub fn description(&self) -> String {
        let mut sentences = vec![self.text.to_owned()];
        sentences.extend(self.checks.iter().filter_map(Check::describe));
        sentences.extend(self.default.as_ref().and_then(default_text));
        if self.write_only {
            sentences.push(
                "Write-only: never stored in plans or state. Requires Terraform or OpenTofu 1.11 or newer."
                    .to_owned(),
            );
        }
        sentences.extend(self.deprecated.map(|advice| format!("Deprecated: {advice}")));
        sentences.extend(self.change_text().map(str::to_owned));
        sentences.retain(|it| !it.is_empty());
        sentences.join(" ")
    }

    fn change_text(&self) -> Option<&'static str> {
        if self.write_only {
            return None; // clients never see a difference in it
        }
        match self.on_change {
            OnChange::NotConfigurable => None,
            OnChange::Replace => Some("Changing it replaces the resource."),
            OnChange::ReplaceIf(_, text) | OnChange::Update(text) => Some(text),
            OnChange::StateOnly => Some("Changing it only affects the state."),
        }
    }
}

fn default_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Bool(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::String(it) => it.clone(),
        _ => return None,
    };
    Some(format!("Default: `{text}`."))
}
