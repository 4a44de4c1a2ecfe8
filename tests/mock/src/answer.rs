//! What a call comes in as and goes out as, without HTTP around it.

use serde_json::Value;

use crate::openapi::Problem;

/// A request as it reached the server.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    /// The whole path, decoded.
    pub(crate) path: String,
    /// The query's pairs, decoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// A request that is authorized and agrees with the vendor's description.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// The path below the vendor's prefix.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Call {
    /// A query parameter; one without text counts as absent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(it, text)| it == name && !text.is_empty()).map(|(_, text)| text.as_str())
    }

    /// The call with every text that is one of these ids but for its case spelled like it.
    pub(crate) fn with_ids(&self, ids: &[&str]) -> Self {
        let own = |text: &str| {
            let id = ids.iter().find(|it| it.eq_ignore_ascii_case(text));
            id.map_or(text, |it| it).to_owned()
        };
        let mut call = self.clone();
        call.query.iter_mut().for_each(|(_, text)| *text = own(text));
        call.path = call.path.split('/').map(own).collect::<Vec<_>>().join("/");
        for value in call.body.as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
            let texts = match value {
                Value::Array(elements) => elements.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            for value in texts {
                if let Some(text) = value.as_str().map(own) {
                    *value = Value::String(text);
                }
            }
        }
        call
    }

    /// A query parameter that the description says is an integer.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.parameter(name)?.parse().ok()
    }
}

/// An answer before it is put into HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, retry_after: None, content_type: content_type.to_owned(), body: body.to_owned() }
    }

    /// Status 200 and nothing else.
    pub(crate) fn empty() -> Self {
        Self::text(200, "application/json", "")
    }
}

/// A refused call: an HTTP status, the vendor's name for the reason, and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) reason: String,
    pub(crate) message: String,
    /// The fields that are wrong, when the refusal is about some.
    pub(crate) problems: Vec<Problem>,
}

pub(crate) type Result<T> = std::result::Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(code: u16, reason: &str, message: &str) -> Self {
        Self { code, reason: reason.to_owned(), message: message.to_owned(), problems: Vec::new() }
    }

    /// A field of the body that breaks a rule; the message begins with its name.
    pub(crate) fn field(field: &str, text: &str) -> Self {
        vec![Problem::new("body", field, text)].into()
    }
}

impl From<Vec<Problem>> for Refusal {
    /// The first problem makes the message.
    fn from(problems: Vec<Problem>) -> Self {
        let message = problems.first().map_or_else(String::new, |it| format!("{}: {}", it.field, it.text));
        Self { problems, ..Self::new(400, "VALIDATOR_PARAM", &message) }
    }
}
