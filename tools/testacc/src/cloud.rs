//! The few calls that a sweeper needs: what is there, and away with it.
//!
//! Written from the vendors' documentation and not with the provider's client, which is what is on trial. Nova
//! Cloud's list and removal stand in no public page: `GET /vms` and `DELETE /vms/{id}` are (assumed).

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::settings::{Account, Settings, is_loopback};

/// No account has this many pages.
const MOST_PAGES: usize = 500;
const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Instance,
    Endpoint,
    Vm,
}

/// Something that exists and may cost money.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) what: What,
    pub(crate) id: String,
    /// Empty for a VM.
    pub(crate) name: String,
    status: String,
}

impl Thing {
    /// Whether it is gone. Lists may show for a while what was removed.
    pub(crate) fn is_gone(&self) -> bool {
        self.has_status(&["removed", "destroyed", "deleted", "terminated"])
    }

    /// Whether its removal was asked for already.
    pub(crate) fn is_leaving(&self) -> bool {
        self.has_status(&["toRemove", "removing", "terminating", "deleting"])
    }

    /// In any case, as the provider takes them.
    fn has_status(&self, statuses: &[&str]) -> bool {
        statuses.iter().any(|it| it.eq_ignore_ascii_case(&self.status))
    }

    /// How a report names it.
    pub(crate) fn title(&self) -> String {
        match self.what {
            What::Instance => format!("instance {} ({})", self.name, self.id),
            What::Endpoint => format!("endpoint {} ({})", self.name, self.id),
            What::Vm => format!("VM {}", self.id),
        }
    }
}

/// Both vendors, as far as there are accounts.
pub(crate) struct Cloud {
    http: Client,
    novita: Option<Account>,
    novacloud: Option<Account>,
}

impl Cloud {
    /// Makes no call yet.
    ///
    /// # Errors
    /// There are no means for HTTPS; one line.
    pub(crate) fn new(settings: &Settings) -> Result<Self, String> {
        // Only the first one to install it succeeds, and whoever it was, there is one then.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let accounts = [&settings.novita, &settings.novacloud];
        let mut builder = Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        if accounts.into_iter().flatten().all(|it| is_loopback(&it.base_url)) {
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| format!("HTTPS cannot be set up: {error}"))?;
        Ok(Self { http, novita: settings.novita.clone(), novacloud: settings.novacloud.clone() })
    }

    /// Everything in the accounts, whoever made it.
    ///
    /// # Errors
    /// A list cannot be had; one line.
    pub(crate) async fn things(&self) -> Result<Vec<Thing>, String> {
        let mut things = Vec::new();
        if let Some(account) = &self.novita {
            let instances = self.numbered(account, "/gpu/instances", "instances").await?;
            things.extend(instances.iter().map(|it| thing(What::Instance, it, &it["status"])));
            let endpoints = self.numbered(account, "/endpoints", "endpoints").await?;
            things.extend(endpoints.iter().map(|it| {
                // The state may be a text instead of an object.
                let state = &it["state"];
                thing(What::Endpoint, it, if state.is_string() { state } else { &state["state"] })
            }));
        }
        things.extend(self.vms().await?);
        Ok(things)
    }

    /// The VMs in the account; none without an account.
    ///
    /// # Errors
    /// The list cannot be had; one line.
    pub(crate) async fn vms(&self) -> Result<Vec<Thing>, String> {
        let Some(account) = &self.novacloud else { return Ok(Vec::new()) };
        let mut seen = BTreeMap::new();
        for page in 0..MOST_PAGES {
            let query = [("limit", "50".to_owned()), ("offset", (page * 50).to_string())];
            let answer = self.call(account, Method::GET, "/vms", &query, None).await?;
            let members = answer.as_array().ok_or("GET /vms: the answer is no list")?;
            if !add(&mut seen, members) || members.len() < 50 {
                return Ok(seen.values().map(|it| thing(What::Vm, it, &it["status"])).collect());
            }
        }
        Err("GET /vms: the list does not end".to_owned())
    }

    /// All pages of a list that numbers them, from 0 or from 1.
    async fn numbered(&self, account: &Account, path: &str, key: &str) -> Result<Vec<Value>, String> {
        let mut seen = BTreeMap::new();
        for page in 0..MOST_PAGES {
            let query = [("pageSize", "100".to_owned()), ("pageNum", page.to_string())];
            let answer = self.call(account, Method::GET, path, &query, None).await?;
            let members = match &answer[key] {
                Value::Array(members) => members.as_slice(),
                // An empty list may be told as null, but an answer of another kind must not look empty.
                Value::Null if answer.is_object() => &[],
                _ => return Err(format!("GET {path}: the answer has no list `{key}`")),
            };
            let fresh = add(&mut seen, members);
            let all = answer["total"].as_u64().is_some_and(|total| seen.len() as u64 >= total);
            if all || (page > 0 && members.is_empty()) || (page > 1 && !fresh) {
                return Ok(seen.into_values().collect());
            }
        }
        Err(format!("GET {path}: the list does not end"))
    }

    /// Asks for the removal; whether it worked, the next list shows.
    ///
    /// # Errors
    /// The API refuses, or there was no answer; one line.
    pub(crate) async fn remove(&self, thing: &Thing) -> Result<(), String> {
        let id = &thing.id;
        let (account, method, path, body) = match thing.what {
            What::Instance => {
                (&self.novita, Method::POST, "/gpu/instance/delete".to_owned(), json!({"instanceId": id}))
            }
            // The documented key `name` holds the id.
            What::Endpoint => {
                (&self.novita, Method::POST, "/endpoint/delete".to_owned(), json!({"name": id, "id": id}))
            }
            What::Vm => (&self.novacloud, Method::DELETE, format!("/vms/{id}"), Value::Null),
        };
        let account = account.as_ref().ok_or("there is no key for it")?;
        self.call(account, method, &path, &[], Some(&body).filter(|it| !it.is_null())).await.map(|_| ())
    }

    async fn call(
        &self,
        account: &Account,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let mut url = account.base_url.clone();
        url.set_path(&format!("{}{path}", account.base_url.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(method.clone(), url).bearer_auth(&account.key);
        let request = request.header("content-type", "application/json");
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        let failed = |error: reqwest::Error| format!("{method} {path}: {}", error.without_url());
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(failed)?;
        if !status.is_success() {
            let text: String = text.replace(&account.key, "…").chars().take(300).collect();
            return Err(format!("{method} {path}: HTTP {status} {}", text.escape_debug()));
        }
        match serde_json::from_str(&text) {
            Ok(value) => Ok(value),
            Err(_) if method != Method::GET => Ok(Value::Null),
            Err(error) => Err(format!("{method} {path}: the answer is not JSON: {error}")),
        }
    }
}

/// Adds what has an id; whether anything was new.
fn add(seen: &mut BTreeMap<String, Value>, members: &[Value]) -> bool {
    let before = seen.len();
    let named = members.iter().map(|it| (text(&it["id"]), it)).filter(|(id, _)| !id.is_empty());
    seen.extend(named.map(|(id, it)| (id, it.clone())));
    seen.len() > before
}

fn thing(what: What, it: &Value, status: &Value) -> Thing {
    Thing { what, id: text(&it["id"]), name: text(&it["name"]), status: text(status) }
}

/// A text; the digits of a number, as which an id may come; else nothing.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
