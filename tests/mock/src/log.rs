//! The requests that were received, for tests to look at. Keys are never stored.

use serde_json::Value;

/// One received request.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Counts from 1 and is not reset with the log.
    pub seq: u64,
    /// The method, in capitals.
    pub method: String,
    /// The path with the vendor's prefix, without the query.
    pub path: String,
    /// The query's pairs in the order they came, decoded.
    pub query: Vec<(String, String)>,
    /// The body when it is JSON; secrets stand in it as they were sent.
    pub body: Option<Value>,
    /// The status that was answered; 0 before the work is done, and when the connection was dropped.
    pub status: u16,
    /// Whether it carried the right key; for a call that needs none, whether it carried any.
    pub authorized: bool,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
}

/// Names whose values the text form leaves out.
const SECRET: [&str; 4] = ["imageAuth", "password", "value", "api_key"];

/// Longest body in the text form, in characters.
const SHORT: usize = 160;

impl Request {
    /// `METHOD path?query → status  body`, the body short and without secrets.
    pub fn line(&self) -> String {
        let query: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let question = if query.is_empty() { "" } else { "?" };
        let status = if self.status == 0 { "no answer".to_owned() } else { self.status.to_string() };
        let mut line = format!("{} {}{question}{} → {status}", self.method, self.path, query.join("&"));
        if let Some(body) = &self.body {
            let text = without_secrets(body).to_string();
            let cut: String = text.chars().take(SHORT).collect();
            line.push_str("  ");
            line.push_str(&cut);
            line.push_str(if cut.len() < text.len() { "…" } else { "" });
        }
        line
    }
}

fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, it)| {
                let shown =
                    if SECRET.contains(&name.as_str()) { Value::from("***") } else { without_secrets(it) };
                (name.clone(), shown)
            })
            .collect(),
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The log; requests keep their place while they are held.
#[derive(Debug, Default)]
pub(crate) struct Log {
    count: u64,
    requests: Vec<Request>,
}

impl Log {
    /// Adds a request and gives it its number.
    pub(crate) fn add(&mut self, mut request: Request) -> u64 {
        self.count += 1;
        request.seq = self.count;
        self.requests.push(request);
        self.count
    }

    /// The number that the next request gets.
    pub(crate) fn next_number(&self) -> u64 {
        self.count + 1
    }

    /// Notes what was answered; a request that was cleared away stays away.
    pub(crate) fn answered(&mut self, seq: u64, status: u16) {
        // From the end, where it stands: with thousands of requests the search would take most of the time.
        if let Some(request) = self.requests.iter_mut().rev().find(|it| it.seq == seq) {
            request.status = status;
        }
    }

    pub(crate) fn requests(&self) -> &[Request] {
        &self.requests
    }

    pub(crate) fn clear(&mut self) {
        self.requests.clear();
    }
}
