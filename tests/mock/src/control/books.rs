//! Pages that show and change what there is, behind the API: renames in the console, machines that vanish,
//! products that leave the catalogue.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{lines, wrong};
use crate::answer::{Answer, Incoming};
use crate::novita::ending::Ending;
use crate::server::Shared;

/// Answers a request for one of these pages; `None` when it is none of them.
pub(super) fn answer(shared: &Shared, page: &str, incoming: &Incoming, wants_json: bool) -> Option<Answer> {
    let body = &incoming.body;
    Some(match (incoming.method.as_str(), page) {
        ("GET", "alive") => alive(shared, wants_json),
        ("GET", "storages") => storages(shared, wants_json),
        ("GET", "record") => record(shared, incoming),
        ("POST", "seed") => read(body, |Seed { kind, record }| shared.core().seed(&kind, record)),
        ("POST", "modify") => read(body, |Modify { id, patch }| shared.core().modify(&id, patch)),
        ("POST", "status") => {
            read(body, |Status { id, status }| known(shared.core().set_status(&id, &status)))
        }
        ("POST", "remove") => read(body, |Remove { id }| known(shared.core().remove(&id))),
        ("POST", "end") => read(body, |End { id, why }| known(shared.core().end(&id, why))),
        ("POST", "catalogue") => read(body, |it| change_catalogue(shared, &it)),
        _ => return None,
    })
}

/// The pages of this module.
pub(super) const PAGES: &str = "\
GET    /_mock/alive      machines and endpoints that cost money
GET    /_mock/storages   network storages
GET    /_mock/record?id= the whole record of one thing
POST   /_mock/seed       {\"kind\": \"gpu\", \"record\": {\"name\": \"old\"}}: gpu, cpu, endpoint, vm
POST   /_mock/modify     {\"id\": \"…\", \"patch\": {\"name\": \"renamed\"}}
POST   /_mock/status     {\"id\": \"…\", \"status\": \"failed\"}, in which it stays
POST   /_mock/remove     {\"id\": \"…\"}, at once
POST   /_mock/end        {\"id\": \"…\", \"why\": \"spot\"}: arrears, term, spot
POST   /_mock/catalogue  {\"soldOut\": \"4090.16c62g\"} or {\"withdrawn\": \"4090.16c62g\"}
";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    kind: String,
    record: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Modify {
    id: String,
    patch: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    id: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Remove {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    id: String,
    why: Ending,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum CatalogueChange {
    SoldOut(String),
    Withdrawn(String),
}

type Outcome = Result<Value, String>;

/// Reads the body and does what it asks for; 400 with the reason when either fails.
fn read<T: serde::de::DeserializeOwned>(body: &[u8], change: impl FnOnce(T) -> Outcome) -> Answer {
    let wanted = serde_json::from_slice(body).map_err(|error| error.to_string());
    match wanted.and_then(change) {
        Ok(Value::Null) => Answer::empty(),
        Ok(answer) => Answer::json(200, &answer),
        Err(text) => wrong(&text),
    }
}

fn known(is_known: bool) -> Outcome {
    if is_known { Ok(Value::Null) } else { Err("there is no such thing".to_owned()) }
}

fn change_catalogue(shared: &Shared, change: &CatalogueChange) -> Outcome {
    known(match change {
        CatalogueChange::SoldOut(id) => shared.core().sell_out(id),
        CatalogueChange::Withdrawn(id) => shared.core().withdraw(id),
    })
}

fn alive(shared: &Shared, wants_json: bool) -> Answer {
    let machines = shared.core().alive();
    if wants_json {
        return Answer::json(200, &json!(machines));
    }
    lines(machines.iter().map(|it| format!("{} {} {} {}", it.id, it.kind, it.status, it.name)))
}

fn storages(shared: &Shared, wants_json: bool) -> Answer {
    let storages = shared.core().novita.storages.clone();
    if wants_json {
        return Answer::json(200, &json!(storages));
    }
    let line = |it: &crate::novita::seed::Storage| {
        format!("{} {} {} {}", it.storage_id, it.cluster_id, it.storage_size, it.storage_name)
    };
    lines(storages.iter().map(line))
}

fn record(shared: &Shared, incoming: &Incoming) -> Answer {
    let id = incoming.query.iter().find(|(name, _)| name == "id").map_or("", |(_, id)| id);
    let record = shared.core().record(id);
    record.map_or_else(|| wrong("there is no such thing"), |it| Answer::json(200, &it))
}
