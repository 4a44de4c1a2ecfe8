//! An OpenAPI 3.1 description that requests, and in tests answers, are checked against.
//!
//! Knows nothing of a vendor: a description is text, a call is a method, a path below the server's
//! prefix, a query and a body. Rules between fields are not in here; they are code beside the call.

use std::collections::BTreeMap;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

/// A description with its schemas compiled.
#[derive(Debug)]
pub struct Description {
    document: Value,
    operations: Vec<Operation>,
}

/// One call: what it takes and what it answers on success.
#[derive(Debug)]
pub(crate) struct Operation {
    method: String,
    path: String,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    answer: Option<Validator>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    place: Place,
    required: bool,
    integer: bool,
    /// Whether it may be given several times.
    list: bool,
    validator: Validator,
}

/// A request body: one schema, or one for each value of a discriminating property.
#[derive(Debug)]
enum Body {
    One(Validator),
    By { property: String, forms: BTreeMap<String, Validator> },
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Query,
    Path,
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// `body`, `query` or `path`.
    pub(crate) place: &'static str,
    /// The field in dotted form.
    pub(crate) field: String,
    /// The reason.
    pub(crate) text: String,
    /// `missing`, `extra_forbidden` or `value_error`.
    pub(crate) kind: &'static str,
}

impl Description {
    /// Reads a description. Errors name the part that is not usable.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut operations = Vec::new();
        for (path, item) in members(&document["paths"]) {
            for (method, call) in members(item) {
                operations.push(Operation::compile(&document, method, path, call)?);
            }
        }
        Ok(Self { document, operations })
    }

    /// The description as it was written.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The call for `method` and `path` (below the server's prefix).
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations.iter().find(|it| it.method.eq_ignore_ascii_case(method) && fits(&it.path, path))
    }

    /// Whether `body` is a success answer of the call, as described; else what is wrong.
    pub fn check_answer(&self, method: &str, path: &str, body: &Value) -> Result<(), String> {
        let operation =
            self.operation(method, path).ok_or_else(|| format!("{method} {path} is not described"))?;
        let Some(validator) = &operation.answer else {
            return Err(format!("{method} {path} describes no answer"));
        };
        problems(validator, body)
            .first()
            .map_or(Ok(()), |problem| Err(format!("{}: {}", problem.field, problem.text)))
    }
}

impl Operation {
    fn compile(document: &Value, method: &str, path: &str, call: &Value) -> Result<Self, String> {
        let within = |error: String| format!("{method} {path}: {error}");
        let body_schema = json_schema(follow(document, &call["requestBody"]));
        let answer_schema = members(&call["responses"])
            .filter(|(status, _)| status.starts_with('2'))
            .find_map(|(_, it)| json_schema(follow(document, it)));
        Ok(Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            parameters: elements(&call["parameters"])
                .map(|it| Parameter::compile(document, follow(document, it)).map_err(within))
                .collect::<Result<_, _>>()?,
            body: body_schema.map(|it| Body::compile(document, it).map_err(within)).transpose()?,
            answer: answer_schema.map(|it| compile(document, it).map_err(within)).transpose()?,
        })
    }

    /// Checks what stands in the path in place of the template's names.
    pub(crate) fn check_path(&self, path: &str) -> Vec<Problem> {
        let segments = self.path.split('/').zip(path.split('/'));
        segments
            .filter_map(|(name, text)| {
                let name = name.strip_prefix('{')?.strip_suffix('}')?;
                let parameter =
                    self.parameters.iter().find(|it| it.place == Place::Path && it.name == name)?;
                parameter.check(text)
            })
            .collect()
    }

    /// Checks a query: known names, each once but for lists, required ones present, values that fit.
    pub(crate) fn check_query(&self, query: &[(String, String)]) -> Vec<Problem> {
        let in_query = || self.parameters.iter().filter(|it| it.place == Place::Query);
        let given = query.iter().enumerate().filter_map(|(at, (name, text))| {
            let Some(parameter) = in_query().find(|it| it.name == *name) else {
                let text = "is not a parameter of this call";
                return Some(Problem { kind: "extra_forbidden", ..Problem::new("query", name, text) });
            };
            if !parameter.list && query[..at].iter().any(|(earlier, _)| earlier == name) {
                return Some(Problem::new("query", name, "is given twice"));
            }
            parameter.check(text)
        });
        let missing = in_query().filter(|it| it.required && !query.iter().any(|(name, _)| *name == it.name));
        given.chain(missing.map(|it| Problem::missing("query", &it.name))).collect()
    }

    /// Checks a body; a call without one takes none.
    pub(crate) fn check_body(&self, body: Option<&Value>) -> Vec<Problem> {
        match (&self.body, body) {
            (None, None) => Vec::new(),
            (None, Some(_)) => vec![Problem::new("body", "body", "is not taken by this call")],
            (Some(_), None) => vec![Problem::missing("body", "body")],
            (Some(Body::One(validator)), Some(body)) => problems(validator, body),
            (Some(Body::By { property, forms }), Some(body)) => {
                match forms.get(body[property].as_str().unwrap_or("")) {
                    Some(validator) => problems(validator, body),
                    None => vec![Problem::new("body", property, &format!("must be one of {}", list(forms)))],
                }
            }
        }
    }
}

impl Parameter {
    fn compile(document: &Value, parameter: &Value) -> Result<Self, String> {
        Ok(Self {
            name: parameter["name"].as_str().unwrap_or_default().to_owned(),
            place: if parameter["in"] == json!("path") { Place::Path } else { Place::Query },
            required: parameter["required"] == json!(true),
            integer: follow(document, &parameter["schema"])["type"] == json!("integer"),
            list: follow(document, &parameter["schema"])["type"] == json!("array"),
            validator: compile(document, &parameter["schema"])?,
        })
    }

    fn check(&self, text: &str) -> Option<Problem> {
        let value = match (self.integer, text.parse::<i64>()) {
            (true, Ok(number)) => json!(number),
            (true, Err(_)) => return Some(Problem::new(self.place.name(), &self.name, "must be an integer")),
            (false, _) if self.list => json!([text]),
            (false, _) => json!(text),
        };
        let wrong = problems(&self.validator, &value).into_iter().next()?;
        Some(Problem::new(self.place.name(), &self.name, &wrong.text))
    }
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Path => "path",
        }
    }
}

impl Body {
    fn compile(document: &Value, schema: &Value) -> Result<Self, String> {
        let discriminator = &follow(document, schema)["discriminator"];
        let Some(property) = discriminator["propertyName"].as_str() else {
            return compile(document, schema).map(Self::One);
        };
        let forms = members(&discriminator["mapping"])
            .map(|(value, reference)| Ok((value.clone(), compile(document, &json!({"$ref": reference}))?)))
            .collect::<Result<_, String>>()?;
        Ok(Self::By { property: property.to_owned(), forms })
    }
}

impl Problem {
    pub(crate) fn new(place: &'static str, field: &str, text: &str) -> Self {
        Self { place, field: field.to_owned(), text: text.to_owned(), kind: "value_error" }
    }

    pub(crate) fn missing(place: &'static str, field: &str) -> Self {
        Self { kind: "missing", ..Self::new(place, field, "is required") }
    }

    /// The values stay out of the text: they may be secrets, and the text comes back to a terminal.
    fn from_error(error: &ValidationError<'_>) -> Self {
        let path = dotted(error.instance_path().as_str());
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                Self::missing("body", &joined(&path, property.as_str().unwrap_or_default()))
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let field = joined(&path, unexpected.first().map_or("", String::as_str));
                Self { kind: "extra_forbidden", ..Self::new("body", &field, "is not a known field") }
            }
            _ => {
                let field = if path.is_empty() { "body" } else { &path };
                Self::new("body", field, &error.masked().to_string())
            }
        }
    }
}

/// A validator for a schema whose references point into `document`.
fn compile(document: &Value, schema: &Value) -> Result<Validator, String> {
    let mut root = Map::new();
    root.insert("$schema".to_owned(), document["jsonSchemaDialect"].clone());
    root.insert("allOf".to_owned(), json!([schema]));
    root.insert("components".to_owned(), document["components"].clone());
    jsonschema::validator_for(&Value::Object(root)).map_err(|error| error.to_string())
}

fn problems(validator: &Validator, value: &Value) -> Vec<Problem> {
    validator.iter_errors(value).map(|error| Problem::from_error(&error)).collect()
}

/// The schema of the JSON form of a request body or a response.
fn json_schema(content: &Value) -> Option<&Value> {
    content.pointer("/content/application~1json/schema")
}

/// What a local reference points to; anything else is itself.
fn follow<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    let target = part["$ref"].as_str().and_then(|it| document.pointer(it.strip_prefix('#')?));
    target.unwrap_or(part)
}

/// Whether a path template, in which `{x}` stands for one segment, fits a path.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

/// `/envs/3/key` as `envs[3].key`.
fn dotted(pointer: &str) -> String {
    let mut text = String::new();
    for segment in pointer.split('/').skip(1) {
        if segment.bytes().all(|it| it.is_ascii_digit()) {
            text.push_str(&format!("[{segment}]"));
        } else {
            text = joined(&text, segment);
        }
    }
    text
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn list(forms: &BTreeMap<String, Validator>) -> String {
    forms.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
