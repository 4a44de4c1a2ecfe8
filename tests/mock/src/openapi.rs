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
    required: bool,
    integer: bool,
    validator: Validator,
}

/// A request body: one schema, or one for each value of a discriminating property.
#[derive(Debug)]
enum Body {
    One(Validator),
    By { property: String, forms: BTreeMap<String, Validator> },
}

/// What is wrong with a request: the field in dotted form, and the reason.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) field: String,
    pub(crate) text: String,
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
        match operation.answer.as_ref().map(|validator| first_problem(validator, body)) {
            Some(Some(problem)) => Err(format!("{}: {}", problem.field, problem.text)),
            Some(None) => Ok(()),
            None => Err(format!("{method} {path} describes no answer")),
        }
    }
}

impl Operation {
    fn compile(document: &Value, method: &str, path: &str, call: &Value) -> Result<Self, String> {
        let within = |error: String| format!("{method} {path}: {error}");
        let body_schema = json_schema(follow(document, &call["requestBody"]));
        let answer_schema = json_schema(follow(document, &call["responses"]["200"]));
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

    /// Checks a query: known names, each once, required ones present, values that fit.
    pub(crate) fn check_query(&self, query: &[(String, String)]) -> Result<(), Problem> {
        for (at, (name, text)) in query.iter().enumerate() {
            let Some(parameter) = self.parameters.iter().find(|it| it.name == *name) else {
                return Err(Problem::new(name, "is not a parameter of this call"));
            };
            if query[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(Problem::new(name, "is given twice"));
            }
            parameter.check(text)?;
        }
        let missing = |it: &&Parameter| it.required && !query.iter().any(|(name, _)| *name == it.name);
        self.parameters.iter().find(missing).map_or(Ok(()), |it| Err(Problem::new(&it.name, "is required")))
    }

    /// Checks a body; a call without one takes none.
    pub(crate) fn check_body(&self, body: Option<&Value>) -> Result<(), Problem> {
        let problem = match (&self.body, body) {
            (None, None) => None,
            (None, Some(_)) => Some(Problem::new("body", "is not taken by this call")),
            (Some(_), None) => Some(Problem::new("body", "is required")),
            (Some(Body::One(validator)), Some(body)) => first_problem(validator, body),
            (Some(Body::By { property, forms }), Some(body)) => {
                match forms.get(body[property].as_str().unwrap_or("")) {
                    Some(validator) => first_problem(validator, body),
                    None => Some(Problem::new(property, &format!("must be one of {}", list(forms)))),
                }
            }
        };
        problem.map_or(Ok(()), Err)
    }
}

impl Parameter {
    fn compile(document: &Value, parameter: &Value) -> Result<Self, String> {
        Ok(Self {
            name: parameter["name"].as_str().unwrap_or_default().to_owned(),
            required: parameter["required"] == json!(true),
            integer: follow(document, &parameter["schema"])["type"] == json!("integer"),
            validator: compile(document, &parameter["schema"])?,
        })
    }

    fn check(&self, text: &str) -> Result<(), Problem> {
        let value = match (self.integer, text.parse::<i64>()) {
            (true, Ok(number)) => json!(number),
            (true, Err(_)) => return Err(Problem::new(&self.name, "must be an integer")),
            (false, _) => json!(text),
        };
        first_problem(&self.validator, &value)
            .map_or(Ok(()), |it| Err(Problem { field: self.name.clone(), text: it.text }))
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
    pub(crate) fn new(field: &str, text: &str) -> Self {
        Self { field: field.to_owned(), text: text.to_owned() }
    }

    /// The values stay out of the text: they may be secrets, and the text comes back to a terminal.
    fn from_error(error: &ValidationError<'_>) -> Self {
        let path = dotted(error.instance_path().as_str());
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                Self::new(&joined(&path, property.as_str().unwrap_or_default()), "is required")
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => Self::new(
                &joined(&path, unexpected.first().map_or("", String::as_str)),
                "is not a known field",
            ),
            _ => Self::new(if path.is_empty() { "body" } else { &path }, &error.masked().to_string()),
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

fn first_problem(validator: &Validator, value: &Value) -> Option<Problem> {
    validator.iter_errors(value).next().map(|error| Problem::from_error(&error))
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
