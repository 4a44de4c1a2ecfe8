//! Answers that no call of the vendors documents, as gateways, proxies and tired back ends give them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;

/// One such answer. In JSON the names are in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Odd {
    /// 200 with `{"error":"database is locked"}`.
    DatabaseLocked,
    /// 200 with a `message` alone.
    Message,
    /// 200 with `{"success":false,"message":…}`.
    SuccessFalse,
    /// 200 with a `code` that is a text.
    CodeAsText,
    /// 200 with an object whose `id` is empty.
    EmptyId,
    /// 200 with `{"data":{}}`.
    EmptyData,
    /// 200 with `[]`.
    List,
    /// 200 with a JSON text.
    Text,
    /// 200 without a byte.
    ZeroBytes,
    /// 200 with a web page.
    Html200,
    /// 404 with a gateway's web page.
    Html404,
    /// 404 with a gateway's plain text.
    Text404,
    /// 404 without a byte.
    Empty404,
    /// 404 `API_NOT_FOUND`: the path is wrong.
    ApiNotFound,
    /// 400 `API_KEY_NOT_FOUND`.
    ApiKeyNotFound,
    /// 400 `NODE_NOT_FOUND`.
    NodeNotFound,
    /// 400 `TEAM_NOT_FOUND`.
    TeamNotFound,
    /// 400 `USER_NOT_FOUND`.
    UserNotFound,
    /// A proxy's 403 with the text `error code: 1010`.
    Proxy1010,
    /// A proxy's 403 with a web page.
    Html403,
}

const PAGE: &str =
    "<!DOCTYPE html><html><head><title>Example Gateway</title></head><body>It works</body></html>";

impl Odd {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::DatabaseLocked,
        Self::Message,
        Self::SuccessFalse,
        Self::CodeAsText,
        Self::EmptyId,
        Self::EmptyData,
        Self::List,
        Self::Text,
        Self::ZeroBytes,
        Self::Html200,
        Self::Html404,
        Self::Text404,
        Self::Empty404,
        Self::ApiNotFound,
        Self::ApiKeyNotFound,
        Self::NodeNotFound,
        Self::TeamNotFound,
        Self::UserNotFound,
        Self::Proxy1010,
        Self::Html403,
    ];

    pub(crate) fn answer(self) -> Answer {
        let page = |status| Answer::text(status, "text/html; charset=utf-8", PAGE);
        match self {
            Self::DatabaseLocked => Answer::json(200, &json!({"error": "database is locked"})),
            Self::Message => Answer::json(200, &json!({"message": "service is being upgraded"})),
            Self::SuccessFalse => Answer::json(200, &json!({"success": false, "message": "try again later"})),
            Self::CodeAsText => {
                Answer::json(200, &json!({"code": "E_BUSY", "msg": "busy", "traceId": "t-1"}))
            }
            Self::EmptyId => Answer::json(200, &json!({"id": "", "status": "", "name": ""})),
            Self::EmptyData => Answer::json(200, &json!({"data": {}})),
            Self::List => Answer::json(200, &json!([])),
            Self::Text => Answer::json(200, &json!("ok")),
            Self::ZeroBytes => Answer::empty(),
            Self::Html200 => page(200),
            Self::Html404 => page(404),
            Self::Text404 => Answer::text(404, "text/plain; charset=utf-8", "404 page not found\n"),
            Self::Empty404 => Answer::text(404, "text/plain", ""),
            Self::ApiNotFound => refusal(404, "API_NOT_FOUND", "api not found"),
            Self::ApiKeyNotFound => refusal(400, "API_KEY_NOT_FOUND", "the API key was not found"),
            Self::NodeNotFound => refusal(400, "NODE_NOT_FOUND", "node not found"),
            Self::TeamNotFound => refusal(400, "TEAM_NOT_FOUND", "team not found"),
            Self::UserNotFound => refusal(400, "USER_NOT_FOUND", "user not found"),
            Self::Proxy1010 => Answer::text(403, "text/plain; charset=utf-8", "error code: 1010"),
            Self::Html403 => page(403),
        }
    }
}

fn refusal(code: u16, reason: &str, message: &str) -> Answer {
    let body: Value = json!({"code": code, "reason": reason, "message": message, "metadata": {}});
    Answer::json(code, &body)
}

/// What stands in place of the new id in the answer of a create call. What was made has a usual one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CreatedId {
    /// A terminal's escape sequence: `i-\u{1b}]0;owned\u{7}`.
    Escape,
    /// Line feeds, with a line that looks like a message.
    LineFeed,
    /// 300 characters.
    Long,
    /// A blank inside.
    Blank,
    /// Blanks alone.
    Blanks,
    /// Letters that are not ASCII.
    NonAscii,
    /// An empty text.
    Empty,
    /// `null`.
    Null,
    /// An object.
    Object,
    /// No such member at all.
    Missing,
    /// The new id in other case.
    OtherCase,
    /// The id of another thing of the same kind, which cannot be new; of one that never was, when there is
    /// no other.
    Known,
    /// This text.
    Exactly(String),
}

impl CreatedId {
    /// All of them but [`CreatedId::Exactly`].
    pub const ALL: [Self; 12] = [
        Self::Escape,
        Self::LineFeed,
        Self::Long,
        Self::Blank,
        Self::Blanks,
        Self::NonAscii,
        Self::Empty,
        Self::Null,
        Self::Object,
        Self::Missing,
        Self::OtherCase,
        Self::Known,
    ];

    /// The answer of a create call with this in place of the id. `other` is the id of another thing.
    pub(crate) fn put_into(&self, answer: &mut Answer, other: Option<&str>) {
        let Ok(mut body) = serde_json::from_str::<Value>(&answer.body) else { return };
        let name = ["id", "storageId"].into_iter().find(|it| body.get(it).is_some());
        if *self == Self::Missing {
            match (name, body.as_object_mut()) {
                (Some(name), Some(members)) => drop(members.remove(name)),
                _ => body = Value::Null,
            }
        } else {
            // A storage's answer is the id alone.
            let place = match name {
                Some(name) => &mut body[name],
                None => &mut body,
            };
            let id = self.id(place.as_str().unwrap_or_default(), other);
            *place = id;
        }
        answer.body = body.to_string();
    }

    fn id(&self, real: &str, other: Option<&str>) -> Value {
        match self {
            Self::Escape => json!("i-\u{1b}]0;owned\u{7}"),
            Self::LineFeed => json!("i-1\n\nError: everything is gone"),
            Self::Long => json!("x".repeat(300)),
            Self::Blank => json!("i 1"),
            Self::Blanks => json!("   "),
            Self::NonAscii => json!("i-\u{e4}\u{202e}\u{6f22}"),
            Self::Empty => json!(""),
            Self::Null | Self::Missing => Value::Null,
            Self::Object => json!({"value": real}),
            Self::OtherCase => json!(other_case(real)),
            Self::Known => json!(other.unwrap_or("i-never-was")),
            Self::Exactly(text) => json!(text),
        }
    }
}

/// The same letters in capitals, or in small ones where that changes nothing.
pub(crate) fn other_case(id: &str) -> String {
    let upper = id.to_ascii_uppercase();
    if upper == id { id.to_ascii_lowercase() } else { upper }
}
