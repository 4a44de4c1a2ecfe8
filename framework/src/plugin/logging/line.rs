//! One log record as one line of JSON, in go-hclog's form.
//!
//! Clients crash on `@level`, `@message` or `@timestamp` that are no strings, take a line with
//! another form of time for plain text, and cut lines over 64 KiB to pieces.

use std::collections::BTreeMap;

use jiff::Timestamp;
use log::Record;
use log::kv::{self, VisitSource};
use serde_json::Value;

use crate::redact;

/// Bytes, the line's end included.
const LONGEST_LINE: usize = 64 * 1024 - 1;

/// The line, its end included. Keys are in the order of the alphabet.
pub(super) fn encode(
    record: &Record<'_>,
    module: &str,
    now: Timestamp,
    request: &BTreeMap<&'static str, String>,
) -> String {
    let mut fields = Fields(BTreeMap::new());
    // A value that cannot be read is left out; the rest of the record is worth having.
    let _ = record.key_values().visit(&mut fields);
    let mut fields = fields.0;
    // An id or a status may be anything that an API has answered.
    for value in fields.values_mut() {
        if let Value::String(text) = value {
            *text = redact::out_of(text).into_owned();
        }
    }
    fields.extend(request.iter().map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str()))));
    let own = [
        ("@level", record.level().as_str().to_ascii_lowercase()),
        ("@message", redact::out_of(&record.args().to_string()).into_owned()),
        ("@module", module.to_owned()),
        ("@timestamp", now.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()),
    ];
    fields.extend(own.map(|(key, value)| (key.to_owned(), Value::from(value))));
    shortest_needed(fields)
}

/// Shortens the longest texts until the line fits.
fn shortest_needed(mut fields: BTreeMap<String, Value>) -> String {
    let mut longest_text = LONGEST_LINE;
    loop {
        let line = format!("{}\n", Value::from_iter(fields.clone()));
        if line.len() <= LONGEST_LINE {
            return line;
        }
        longest_text /= 2;
        if longest_text < 64 {
            // So many fields that their number is the trouble.
            fields.retain(|key, _| key.starts_with('@'));
        }
        fields.values_mut().for_each(|value| shorten(value, longest_text.max(64)));
    }
}

fn shorten(value: &mut Value, longest: usize) {
    if let Value::String(text) = value
        && text.len() > longest
    {
        let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}

/// Collects a record's keys and values.
struct Fields(BTreeMap<String, Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        self.0.insert(key.as_str().to_owned(), json(&value));
        Ok(())
    }
}

/// Keeps numbers and truth values as such; everything else becomes text.
fn json(value: &kv::Value<'_>) -> Value {
    let number = value.to_u64().map(Value::from).or_else(|| value.to_i64().map(Value::from));
    let known =
        number.or_else(|| value.to_f64().map(Value::from)).or_else(|| value.to_bool().map(Value::from));
    known.unwrap_or_else(|| Value::from(value.to_string()))
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::*;

    fn encode_with(message: std::fmt::Arguments<'_>, pairs: &[(&str, kv::Value<'_>)]) -> String {
        let record = Record::builder().level(Level::Debug).args(message).key_values(&pairs).build();
        let now = "2026-01-02T03:04:05.0000061Z".parse().unwrap();
        encode(&record, "provider", now, &BTreeMap::from([("tf_rpc", "ReadResource".to_owned())]))
    }

    #[test]
    fn l2_the_line_has_the_form_that_clients_take_apart() {
        let line =
            encode_with(format_args!("sent\ntwice"), &[("status", 200.into()), ("again", true.into())]);
        assert_eq!(
            line,
            "{\"@level\":\"debug\",\"@message\":\"sent\\ntwice\",\"@module\":\"provider\",\
             \"@timestamp\":\"2026-01-02T03:04:05.000006Z\",\"again\":true,\"status\":200,\
             \"tf_rpc\":\"ReadResource\"}\n"
        );
    }

    #[test]
    fn a_key_of_a_record_never_replaces_the_clients_own_keys() {
        let line = encode_with(format_args!("text"), &[("@message", 1.into()), ("@level", "x".into())]);
        assert!(line.contains("\"@message\":\"text\"") && line.contains("\"@level\":\"debug\""), "{line}");
    }

    #[test]
    fn l3_long_lines_are_shortened_and_stay_json() {
        let long = "\u{1}ü".repeat(60_000);
        let line = encode_with(format_args!("{long}"), &[("body", long.as_str().into())]);
        assert!(line.len() < 64 * 1024, "{}", line.len());
        let value: Value = serde_json::from_str(&line).unwrap();
        assert!(value["@message"].as_str().unwrap().ends_with('…'));
        assert_eq!(value["tf_rpc"], "ReadResource");
    }

    #[test]
    fn l3_very_many_fields_are_left_out() {
        let names: Vec<String> = (0..20_000).map(|number| format!("key{number}")).collect();
        let pairs: Vec<_> = names.iter().map(|name| (name.as_str(), kv::Value::from(1))).collect();
        let line = encode_with(format_args!("text"), &pairs);
        assert!(line.len() < 64 * 1024 && line.contains("\"@message\":\"text\""), "{}", line.len());
    }
}
