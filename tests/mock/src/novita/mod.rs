//! Novita AI: its state, and which function answers which call.
//!
//! Each area of the API has a module of its own that adds functions to [`Novita`]; a new area adds its
//! file, its paths to the description, and its lines to `route`. Written from the API document alone.

pub mod account;
mod books;
pub mod catalogue;
mod effects;
pub(crate) mod ending;
pub mod endpoint;
pub mod instance;
pub mod job;
mod network;
mod platform;
pub mod prewarm;
mod registry_auth;
pub mod seed;
mod storage;
pub mod style;
pub mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::answer::{Answer, Call, Incoming, Refusal, Result};
use crate::clock::Time;
use crate::core::Vendor;
use crate::faults::{Effect, JUST_AFTER_CREATE};
use crate::ids::Ids;
use crate::openapi::Description;
use crate::style::{Past, Style, Switch, is_platform_auth, written_id};
use crate::walk::Pace;
use account::Money;
use catalogue::{Cluster, CpuProduct, Product};
use endpoint::{Endpoint, EndpointLimit, EndpointProduct};
use instance::Instance;
use job::ImageJob;
use prewarm::Prewarm;
use seed::{Network, RegistryAuth, Storage};
use style::{Actions, AnswerStyle, Gone};
use template::Template;

/// Where the API begins on the mock's server.
pub const PREFIX: &str = "/gpu-instance/openapi/v1";

/// Where the vendor's other APIs begin; the description has their paths in full.
const BESIDE: [&str; 2] = ["/openapi/v1/", "/gpus/v2/"];

/// Whether a path is one of another API than that of instances.
pub(crate) fn is_beside(path: &str) -> bool {
    BESIDE.iter().any(|it| path.starts_with(it))
}

/// The description of the calls, as text.
pub const OPENAPI: &str = include_str!("../../novita.openapi.json");

/// The description, compiled once for a process.
#[expect(clippy::expect_used, reason = "the text is part of the program and parsed by every test")]
static DESCRIPTION: LazyLock<Description> =
    LazyLock::new(|| Description::parse(OPENAPI).expect("novita.openapi.json is usable"));

/// How much was made by create calls, what is gone included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) gpu: u64,
    pub(crate) cpu: u64,
    pub(crate) endpoint: u64,
    /// Storages, networks, logins, templates and prewarm tasks.
    pub(crate) companion: u64,
}

/// Everything that this vendor knows. Tests may change the public parts at any time.
#[derive(Debug)]
pub struct Novita {
    /// GPU products.
    pub products: Vec<Product>,
    /// CPU products.
    pub cpu_products: Vec<CpuProduct>,
    /// Clusters.
    pub clusters: Vec<Cluster>,
    /// Money of the account.
    pub money: Money,
    /// Network storages in the order they were made.
    pub storages: Vec<Storage>,
    /// Largest network storage, in GB.
    pub max_storage_size: u64,
    /// Private networks that instances can join.
    pub networks: Vec<Network>,
    /// Templates in the order they were made: the vendor's own, then the account's.
    pub templates: Vec<Template>,
    /// Saved registry credentials.
    pub registry_auths: Vec<RegistryAuth>,
    /// Jobs that save images, in the order they were begun.
    pub image_jobs: Vec<ImageJob>,
    /// Why jobs that begin from now on fail; empty: they do not.
    pub image_job_failure: String,
    /// Tasks that pull images to nodes, in the order they were begun.
    pub prewarms: Vec<Prewarm>,
    /// Why such tasks that begin from now on fail; empty: they do not.
    pub prewarm_failure: Vec<String>,
    /// Products that endpoints can run on; only the newer API lists them.
    pub endpoint_products: Vec<EndpointProduct>,
    /// Bounds of what endpoints may ask for.
    pub endpoint_limit: EndpointLimit,
    /// Added to every price after each read of a list of products, in their unit; prices stand still at 0.
    pub price_step: i64,
    /// How loosely answers are written.
    pub style: AnswerStyle,
    /// What the platform does of its own accord.
    pub platform: Style,
    /// How long each status lasts.
    pub pace: Pace,
    /// Instances in the order they were made.
    pub(crate) instances: Vec<Instance>,
    /// Endpoints in the order they were made.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) created: Created,
    past_instances: Past<Instance>,
    past_endpoints: Past<Endpoint>,
    past_storages: Past<Storage>,
    past_networks: Past<Network>,
    past_auths: Past<RegistryAuth>,
    past_prewarms: Past<Prewarm>,
    /// Path and id of actions that were ignored once.
    ignored: BTreeSet<String>,
    /// Creates that a sleeping serverless cluster refused.
    wake_ups: u32,
    api_key: String,
    ids: Ids,
}

impl Novita {
    /// A cloud with the default catalogue and no instances.
    pub(crate) fn new(api_key: &str) -> Self {
        Self {
            products: seed::products(),
            cpu_products: seed::cpu_products(),
            clusters: seed::clusters(),
            money: Money::default(),
            storages: seed::storages(),
            max_storage_size: 4096,
            networks: seed::networks(),
            templates: seed::templates(),
            registry_auths: seed::registry_auths(),
            image_jobs: Vec::new(),
            image_job_failure: String::new(),
            prewarms: Vec::new(),
            prewarm_failure: Vec::new(),
            endpoint_products: seed::endpoint_products(),
            endpoint_limit: EndpointLimit::default(),
            price_step: 0,
            style: AnswerStyle::default(),
            platform: Style::default(),
            pace: Pace::default(),
            instances: Vec::new(),
            endpoints: Vec::new(),
            created: Created::default(),
            past_instances: Past::default(),
            past_endpoints: Past::default(),
            past_storages: Past::default(),
            past_networks: Past::default(),
            past_auths: Past::default(),
            past_prewarms: Past::default(),
            ignored: BTreeSet::new(),
            wake_ups: 0,
            api_key: api_key.to_owned(),
            ids: Ids::default(),
        }
    }

    /// The description that requests are checked against.
    pub fn description() -> &'static Description {
        &DESCRIPTION
    }

    fn route(&mut self, call: &Call, time: &mut Time) -> Result<Answer> {
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/gpu/instance/create") => self.create(&call.body, time.now()),
            ("GET", "/gpu/instance") => Ok(self.get(call, time)),
            ("GET", "/gpu/instances") => Ok(self.list(call, time)),
            ("POST", "/gpu/instance/start") => self.start(&call.body),
            ("POST", "/gpu/instance/stop") => self.stop(&call.body),
            ("POST", "/gpu/instance/restart") => self.restart(&call.body),
            ("POST", "/gpu/instance/delete") => self.delete(&call.body),
            ("POST", "/gpu/instance/migrate") => self.migrate(&call.body),
            ("POST", "/gpu/instance/edit") => self.edit(&call.body),
            ("POST", "/gpu/instance/upgrade") => self.upgrade(&call.body),
            ("POST", "/gpu/instance/renewInstance") => self.renew(&call.body),
            ("POST", "/gpu/instance/transToMonthlyInstance") => {
                self.change_to_monthly(&call.body, time.now())
            }
            ("POST", "/gpu/instance/setAutoRenew") => self.set_auto_renew(&call.body),
            ("POST", "/gpu/instance/setAutoMigrate") => self.set_auto_migrate(&call.body),
            ("POST", "/job/save/image") => self.save_image(&call.body, time.now()),
            ("GET", "/jobs") => Ok(self.list_jobs(call, time)),
            ("GET", "/endpoint/limit") => Ok(self.get_endpoint_limit()),
            ("POST", "/endpoint/create") => self.create_endpoint(&call.body, time.now()),
            ("GET", "/endpoint") => Ok(self.get_endpoint(call, time)),
            ("GET", "/endpoints") => Ok(self.list_endpoints(call, time)),
            ("POST", "/endpoint/update") => self.update_endpoint(&call.body, time.now()),
            ("POST", "/endpoint/delete") => self.delete_endpoint(&call.body),
            ("POST", "/networkstorage/create") => self.create_storage(&call.body),
            ("GET", "/networkstorages/list") => Ok(self.list_storages(call, time.now())),
            ("POST", "/networkstorage/update") => self.update_storage(&call.body),
            ("POST", "/networkstorage/delete") => self.delete_storage(&call.body),
            ("GET", "/gpus/v2/products") => Ok(self.list_endpoint_products(call)),
            ("POST", "/template/create") => self.create_template(&call.body, time.now()),
            ("GET", "/template") => Ok(self.get_template(call)),
            ("GET", "/templates") => Ok(self.list_templates(call)),
            ("POST", "/template/update") => self.update_template(&call.body),
            ("POST", "/template/delete") => self.delete_template(&call.body),
            ("GET", "/openapi/v1/billing/balance/detail") => Ok(self.show_money()),
            ("POST", "/network/create") => self.create_network(&call.body, time.now()),
            ("GET", "/network") => Ok(self.get_network(call, time)),
            ("GET", "/networks") => Ok(self.list_networks(call, time.now())),
            ("POST", "/network/update") => self.update_network(&call.body),
            ("POST", "/network/delete") => self.delete_network(&call.body),
            ("POST", "/repository/auth/save") => Ok(self.save_auth(&call.body)),
            ("GET", "/repository/auths") => Ok(self.list_auths(time.now())),
            ("POST", "/repository/auth/delete") => self.delete_auth(&call.body),
            ("POST", "/image/prewarm") => self.create_prewarm(&call.body, time.now()),
            ("GET", "/image/prewarm") => Ok(self.list_prewarms(call, time)),
            ("POST", "/image/prewarm/edit") => self.edit_prewarm(&call.body),
            ("POST", "/image/prewarm/delete") => self.delete_prewarms(&call.body),
            ("GET", "/products") => Ok(self.list_products(call)),
            ("GET", "/cpu/products") => Ok(self.list_cpu_products(call)),
            ("GET", "/clusters") => Ok(self.list_clusters()),
            _ => Err(Refusal::new(404, "API_NOT_FOUND", "there is no such call")),
        }
    }

    /// An answer to an action, in one of the forms that were seen.
    pub(crate) fn done(&self, id: &str, state: &str, usual: Actions) -> Answer {
        let form = if self.style.actions == Actions::Mixed { usual } else { self.style.actions };
        match form {
            Actions::Empty => Answer::empty(),
            Actions::Small => Answer::json(200, &json!({"instanceId": id, "state": state})),
            Actions::Mixed | Actions::Object => Answer::json(200, &json!({})),
        }
    }

    /// The answer of a get call for something that is not there.
    pub(crate) fn gone(&self, reason: &str, message: &str) -> Answer {
        let message = self.gone_message(message);
        match self.style.gone {
            Gone::Reason => self.refuse(&Refusal::new(400, reason, message)),
            Gone::Http404 => self.refuse(&Refusal::new(404, reason, message)),
            Gone::EmptyObject => Answer::json(200, &json!({})),
            Gone::Null => Answer::json(200, &Value::Null),
        }
    }

    /// The page that a list call asks for; all there is when it leaves the size of a page out.
    fn page<'a, T>(&self, call: &Call, number: &str, fitting: &[&'a T]) -> Vec<&'a T> {
        let asked = call.number("pageSize").unwrap_or(u64::MAX);
        let size = asked.min(self.style.largest_page.unwrap_or(u64::MAX));
        let mut page = call.number(number).unwrap_or(0).saturating_sub(self.style.first_page);
        if size > 0 && self.platform.holds(Switch::PagesRepeat, &call.path) {
            let items = u64::try_from(fitting.len()).unwrap_or(u64::MAX);
            page = page.min(items.saturating_sub(1) / size);
        }
        let whole = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
        fitting.iter().skip(whole(page.saturating_mul(size))).take(whole(size)).copied().collect()
    }

    /// A number in the form that answers use for most of them.
    fn number(&self, number: u64) -> Value {
        if self.style.plain_numbers { json!(number) } else { json!(number.to_string()) }
    }

    fn new_id(&mut self) -> String {
        self.ids.text()
    }

    /// The id of a new object: of digits where the platform has such, else this one.
    fn object_id(&self, usual: String) -> String {
        let digits = usual.bytes().filter(u8::is_ascii_hexdigit).take(12).map(char::from).collect::<String>();
        match u64::from_str_radix(&digits, 16) {
            Ok(number) if self.platform.holds(Switch::IdsAsNumbers, &usual) => number.to_string(),
            _ => usual,
        }
    }

    /// The answer of a create call.
    fn created(&self, id: &str) -> Answer {
        Answer::json(200, &json!({"id": written_id(&self.platform, id)}))
    }

    /// Whether a call may name these credentials; none may always be named.
    fn knows_auth(&self, id: &str) -> bool {
        id.is_empty()
            || self.registry_auths.iter().any(|it| it.id == id)
            || is_platform_auth(&self.platform, id)
    }
}

impl Vendor for Novita {
    fn authorize(&self, incoming: &Incoming, _path: &str) -> Result<()> {
        if incoming.authorization.as_deref() == Some(&format!("Bearer {}", self.api_key)) {
            return Ok(());
        }
        Err(Refusal::new(401, "UNAUTHORIZED", "the API key is missing or not valid"))
    }

    fn description(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        let mut body = json!({"message": refusal.message});
        if !self.style.errors_without_reason {
            body["code"] = json!(refusal.code);
            body["reason"] = json!(refusal.reason);
            body["metadata"] = json!({});
        }
        Answer::json(refusal.code, &body)
    }

    fn out_of_stock(&self) -> Refusal {
        Refusal::new(400, "INSUFFICIENT_RESOURCE", "there is no free hardware of this kind at the moment")
    }

    fn not_found(&self, path: &str) -> Answer {
        match path {
            "/endpoint" => self.no_endpoint(),
            "/network" => self.gone("NETWORK_NOT_FOUND", "network not found"),
            _ => self.gone("RESOURCE_NOT_FOUND", "instance not found"),
        }
    }

    fn step(&mut self, now: u64) {
        self.end_terms(now);
        for instance in &mut self.instances {
            instance.step(&self.pace, now);
            if now >= instance.created_at + JUST_AFTER_CREATE {
                (instance.hidden_reads, instance.unlisted_reads) = (0, 0);
            }
        }
        for job in &mut self.image_jobs {
            job.step(&self.pace);
        }
        for network in &mut self.networks {
            network.step(&self.pace);
        }
        for prewarm in &mut self.prewarms {
            prewarm.step(&self.pace);
        }
        for endpoint in &mut self.endpoints {
            endpoint.step(&self.pace);
            if now >= endpoint.created_at + JUST_AFTER_CREATE {
                (endpoint.hidden_reads, endpoint.unlisted_reads) = (0, 0);
            }
        }
        self.instances.retain(|it| !it.is_forgotten());
        self.endpoints.retain(|it| !it.is_forgotten());
        self.note(now);
    }

    fn perform(&mut self, call: &Call, effects: &[Effect], time: &mut Time) -> Result<Answer> {
        let call = &self.with_own_spelling(call);
        self.effects_before(call, effects, time.now());
        self.style.unknown_status = effects.iter().find_map(|it| match it {
            Effect::UnknownStatus(status) => Some(status.clone()),
            _ => None,
        });
        self.note(time.now());
        self.check_page(call)?;
        let aside = self.aside_if_ignored(call, effects);
        let answer = self.route(call, time)?;
        match aside {
            Some(aside) => self.restore(aside),
            None => self.effects_on_created(call, effects),
        }
        self.note(time.now());
        Ok(self.reshaped(call, answer))
    }
}
