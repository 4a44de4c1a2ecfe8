//! The provider block, and the clients that it becomes.
//!
//! Owns which environment variable stands behind which attribute, and that a vendor's credentials are
//! asked for only when a call to that vendor is made.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tfplugin::attr::Attr;
use tfplugin::check::Format;
use tfplugin::diagnostics::Diagnostic;
use tfplugin::model::Model;
use tfplugin::path::Path;
use tfplugin::redact::Secrets;
use tfplugin::resource::{Context, ProviderData, Result, Rules};
use tfplugin::timeouts::parse_duration;

use crate::api::base_url::BaseUrl;
use crate::api::call::Call;
use crate::api::client::{Client, Settings, user_agent};
use crate::api::error_mapping::ErrorMapping;
use crate::api::secret::Secret;
use crate::provider::catalogue::known::Catalogue;

/// Novita AI's base URL, from its documentation.
const NOVITA_URL: &str = "https://api.novita.ai/gpu-instance/openapi/v1";

/// Nova Cloud's base URL, from its documentation.
const NOVACLOUD_URL: &str = "https://api.nova-cloud.ai";

/// Longest time for what a plan looks up beside its machines: a user waits for it.
pub(crate) const READ_WITHIN: Duration = Duration::from_secs(10);

const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_secs(5);
const MAX_RETRIES: u32 = 5;
/// What one public client of the API allows itself; the vendor publishes no number.
const MAX_REQUESTS_PER_MINUTE: u32 = 100;

static BASE_URL: Format = Format {
    text: "an `https://` URL without credentials, query and fragment; `http://` is allowed for loopback hosts only",
    reject: |text| BaseUrl::parse(text).err(),
};

/// A length of time, with its unit.
pub(crate) static DURATION: Format = Format {
    text: "a positive duration with a unit, such as `30s` or `1m30s`",
    reject: |text| parse_duration(text).err(),
};

/// Manage GPU and CPU instances and serverless endpoints of Novita AI, and GPU virtual machines of Nova Cloud.
///
/// Only the API key of the vendor whose resources are used is required. Arguments take precedence over environment
/// variables.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Config {
    /// API key of Novita AI. If omitted, the environment variable `NOVITA_API_KEY` is used.
    #[tf(optional, sensitive)]
    api_key: Attr<String>,
    /// Base URL of the Novita AI API. If omitted, the environment variable `NOVITA_BASE_URL` is used, then
    /// `https://api.novita.ai/gpu-instance/openapi/v1`.
    #[tf(optional, format = BASE_URL)]
    base_url: Attr<String>,
    /// API key of Nova Cloud. If omitted, the environment variable `NOVACLOUD_API_KEY` is used.
    #[tf(optional, sensitive)]
    novacloud_api_key: Attr<String>,
    /// Base URL of the Nova Cloud API. If omitted, the environment variable `NOVACLOUD_BASE_URL` is used, then
    /// `https://api.nova-cloud.ai`.
    #[tf(optional, format = BASE_URL)]
    novacloud_base_url: Attr<String>,
    /// Maximum duration of one HTTP request. Requests that create something are exempt: their response is awaited
    /// until the timeout of the operation. Default: `60s`.
    #[tf(optional, format = DURATION)]
    request_timeout: Attr<String>,
    /// Maximum number of retries of a request that is safe to repeat. `0`: no retries. Responses with status 429 are
    /// not counted; they are retried for a minute and a half. Default: `5`.
    #[tf(optional, range = 0..=100)]
    max_retries: Attr<i64>,
    /// Maximum number of requests per minute to each API. `0`: unlimited. Up to this number of requests, and at most
    /// 100, are sent at once after a pause. Default: `100`.
    #[tf(optional, range = 0..=100_000)]
    max_requests_per_minute: Attr<i64>,
    /// Polling interval while waiting; it grows while the status stays the same. Default: `5s`.
    #[tf(optional, format = DURATION)]
    poll_interval: Attr<String>,
    /// Maximum price in USD per hour of any single machine, like `max_hourly_price` of the resources; the lower of
    /// the two applies.
    #[tf(optional, range = 0.0..=f64::INFINITY)]
    max_hourly_price: Attr<f64>,
    /// Destroy and replace resources in spite of `deletion_protection`. Intended for a single run, for example to
    /// remove a resource that was tainted while protected. If omitted, the environment variable
    /// `NOVITA_IGNORE_DELETION_PROTECTION` is used (`1` or `0`). Default: `false`.
    #[tf(optional)]
    ignore_deletion_protection: Attr<bool>,
}

impl Config {
    /// Rules between attributes.
    pub(crate) fn validate(&self, rules: &mut Rules) {
        for (name, key) in [("api_key", &self.api_key), ("novacloud_api_key", &self.novacloud_api_key)] {
            if key.text().is_some_and(|it| it.trim().is_empty()) {
                rules.reject(
                    name,
                    "It is empty: give a key, or leave the attribute out to use the environment variable.",
                );
            }
        }
    }
}

/// A vendor's client, or why there is none.
enum Access {
    Ready(Client),
    /// Without a key there are still the calls that are public.
    Public(Client, NoKey),
    /// What every call needs is known only after apply: the attribute of the provider block.
    Unknown(&'static str),
}

/// Why there is no key.
enum NoKey {
    Missing,
    /// Known only after apply: the attribute of the provider block.
    Unknown(&'static str),
}

/// What the provider block becomes.
pub(crate) struct Clients {
    novita: Access,
    novacloud: Access,
    ignores_deletion_protection: bool,
    /// The most that any machine may cost, in USD per hour.
    pub(crate) max_hourly_price: Option<f64>,
    /// Both keys, and what answers have brought that must not be shown.
    secrets: Arc<Secrets>,
    /// What is known of the vendors' catalogues by now.
    pub(crate) catalogue: Catalogue,
    /// What operations share beside that.
    shared: Shared,
    /// Whether the client drops the state of a creation that ends in an error.
    pub(crate) drops_failed_creations: bool,
}

/// What operations share, by its type; made when it is asked for first.
type Shared = Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>;

/// What an operation of this provider works with.
pub(crate) type Cx = Context<Clients>;

/// A client that drops the state of a creation that ends in an error, by the name with which it introduces itself.
const DROPS_FAILED_CREATIONS: &str = "pulumi-terraform-bridge";

/// What the process gives to a configuration.
pub(crate) struct Surroundings<'s> {
    /// Looks an environment variable up.
    pub(crate) environment: &'s dyn Fn(&str) -> Option<String>,
    /// Makes a client of its settings.
    pub(crate) connect: &'s dyn Fn(Settings) -> Client,
    /// Version of the client that started the provider.
    pub(crate) client_version: &'s str,
}

/// Where a vendor's access comes from.
struct Source<'c> {
    error_mapping: ErrorMapping,
    key: (&'static str, &'c Attr<String>, &'static str),
    url: (&'static str, &'c Attr<String>, &'static str),
    default_url: &'static str,
}

impl Clients {
    /// Clients of a configuration. Makes no call.
    ///
    /// # Errors
    /// A base URL or a duration is wrong (those in the environment are seen here first).
    pub(crate) fn configure(config: &Config, surroundings: &Surroundings<'_>) -> Result<Self> {
        let novita = Source {
            error_mapping: ErrorMapping::Novita,
            key: (NOVITA.key, &config.api_key, NOVITA.variable),
            url: ("base_url", &config.base_url, "NOVITA_BASE_URL"),
            default_url: NOVITA_URL,
        };
        let novacloud = Source {
            error_mapping: ErrorMapping::NovaCloud,
            key: (NOVACLOUD.key, &config.novacloud_api_key, NOVACLOUD.variable),
            url: ("novacloud_base_url", &config.novacloud_base_url, "NOVACLOUD_BASE_URL"),
            default_url: NOVACLOUD_URL,
        };
        let secrets = Arc::default();
        Ok(Self {
            novita: access(config, &novita, surroundings, &secrets)?,
            novacloud: access(config, &novacloud, surroundings, &secrets)?,
            secrets,
            ignores_deletion_protection: ignores_deletion_protection(config, surroundings)?,
            max_hourly_price: config.max_hourly_price.known().copied(),
            catalogue: Catalogue::default(),
            shared: Shared::default(),
            drops_failed_creations: surroundings.client_version.contains(DROPS_FAILED_CREATIONS),
        })
    }
}

impl Clients {
    /// What operations share that is of this type.
    pub(crate) fn shared<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let it = shared.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(it).downcast().unwrap_or_default()
    }

    /// Lets operations share this in place of what would be made.
    #[cfg(test)]
    pub(crate) fn share<T: Send + Sync + 'static>(&self, it: T) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.insert(TypeId::of::<T>(), Arc::new(it));
    }
}

fn access(
    config: &Config,
    source: &Source<'_>,
    Surroundings { environment, connect, client_version }: &Surroundings<'_>,
    secrets: &Arc<Secrets>,
) -> Result<Access> {
    let (url_name, url, url_variable) = source.url;
    let (key_name, key, key_variable) = source.key;
    if let Some(name) = config.unknown((url_name, url)) {
        return Ok(Access::Unknown(name));
    }
    let from_environment =
        |name: &str| environment(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    let base_url = url.text().map(str::to_owned).or_else(|| from_environment(url_variable));
    let base_url = BaseUrl::parse(base_url.as_deref().unwrap_or(source.default_url)).map_err(|fault| {
        let detail = format!("`{url_name}` (or {url_variable}) cannot be used. {fault}");
        Diagnostic::error("Invalid base URL", detail).at(Path::root(url_name))
    })?;
    let api_key = match key {
        Attr::Unknown => Err(NoKey::Unknown(key_name)),
        Attr::Known(key) => Ok(Secret::new(key.trim())),
        Attr::Null => from_environment(key_variable).map(Secret::new).ok_or(NoKey::Missing),
    };
    let client = connect(Settings {
        error_mapping: source.error_mapping,
        base_url,
        api_key: api_key.as_ref().ok().cloned(),
        secrets: Arc::clone(secrets),
        request_timeout: duration(&config.request_timeout, REQUEST_TIMEOUT),
        max_retries: number(&config.max_retries, MAX_RETRIES),
        max_requests_per_minute: number(&config.max_requests_per_minute, MAX_REQUESTS_PER_MINUTE),
        poll_interval: duration(&config.poll_interval, POLL_INTERVAL),
        user_agent: user_agent(
            crate::VERSION,
            client_version,
            from_environment("TF_APPEND_USER_AGENT").as_deref(),
        ),
    });
    Ok(match api_key {
        Ok(_) => Access::Ready(client),
        Err(why) => Access::Public(client, why),
    })
}

impl Config {
    /// The first attribute that every call needs, and that is not known yet. Not every call needs a key.
    fn unknown(&self, (url_name, url): (&'static str, &Attr<String>)) -> Option<&'static str> {
        let needed = [
            (url_name, url.is_unknown()),
            ("request_timeout", self.request_timeout.is_unknown()),
            ("max_retries", self.max_retries.is_unknown()),
            ("max_requests_per_minute", self.max_requests_per_minute.is_unknown()),
            ("poll_interval", self.poll_interval.is_unknown()),
        ];
        needed.into_iter().find(|(_, unknown)| *unknown).map(|(name, _)| name)
    }
}

impl ProviderData for Clients {
    const IGNORING_PROTECTION: &'static str = "set `ignore_deletion_protection = true` in the provider block, or \
                                               NOVITA_IGNORE_DELETION_PROTECTION=1 in the environment, for one run";

    fn ignores_deletion_protection(&self) -> bool {
        self.ignores_deletion_protection
    }

    fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets)
    }
}

/// What is not known yet ignores nothing.
fn ignores_deletion_protection(config: &Config, surroundings: &Surroundings<'_>) -> Result<bool> {
    const VARIABLE: &str = "NOVITA_IGNORE_DELETION_PROTECTION";
    if !config.ignore_deletion_protection.is_null() {
        return Ok(config.ignore_deletion_protection.known() == Some(&true));
    }
    let said = (surroundings.environment)(VARIABLE).unwrap_or_default();
    match said.trim().to_ascii_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "" | "0" | "false" => Ok(false),
        _ => {
            let detail = format!("{VARIABLE} must be `1` or `true`, `0` or `false`, or not be set.");
            Err(Diagnostic::error("Invalid environment variable", detail).into())
        }
    }
}

/// The checks of the schema have passed, so only an absent value falls back to the default.
fn duration(value: &Attr<String>, default: Duration) -> Duration {
    value.text().and_then(|it| parse_duration(it).ok()).unwrap_or(default)
}

fn number(value: &Attr<i64>, default: u32) -> u32 {
    value.known().and_then(|it| u32::try_from(*it).ok()).unwrap_or(default)
}

/// What an operation on the vendors needs of its context.
pub(crate) trait Vendors {
    /// The client of Novita AI.
    ///
    /// # Errors
    /// There are no credentials, or they are not known yet.
    fn novita(&self) -> Result<&Client>;

    /// The client of Nova Cloud.
    ///
    /// # Errors
    /// There are no credentials, or they are not known yet.
    fn novacloud(&self) -> Result<&Client>;

    /// A client for the calls of Nova Cloud that are documented to need no key. It has one where one is
    /// configured, so that both kinds of calls keep to one rate limit.
    ///
    /// # Errors
    /// Where to call is not known yet.
    fn novacloud_public(&self) -> Result<&Client>;

    /// The bounds of this operation's calls.
    fn call(&self) -> Call;
}

impl Vendors for Cx {
    fn novita(&self) -> Result<&Client> {
        self.data.novita.client(&NOVITA)
    }

    fn novacloud(&self) -> Result<&Client> {
        self.data.novacloud.client(&NOVACLOUD)
    }

    fn novacloud_public(&self) -> Result<&Client> {
        self.data.novacloud.public_client(&NOVACLOUD)
    }

    fn call(&self) -> Call {
        Call { stop: self.stop.clone(), deadline: Some(self.deadline), ..Call::default() }
    }
}

impl Access {
    /// The client with a key.
    fn client(&self, vendor: &Vendor) -> Result<&Client> {
        match self {
            Self::Ready(client) => Ok(client),
            Self::Public(_, NoKey::Missing) => Err(vendor.missing_key().into()),
            Self::Public(_, NoKey::Unknown(name)) | Self::Unknown(name) => Err(vendor.not_known(name).into()),
        }
    }

    /// The client for calls that need no key.
    fn public_client(&self, vendor: &Vendor) -> Result<&Client> {
        match self {
            Self::Ready(client) | Self::Public(client, _) => Ok(client),
            Self::Unknown(name) => Err(vendor.not_known(name).into()),
        }
    }
}

/// A vendor in the words of a message.
pub(crate) struct Vendor {
    /// What it calls itself.
    pub(crate) name: &'static str,
    /// The attribute of the provider block with its key.
    pub(crate) key: &'static str,
    /// The environment variable that stands behind it.
    pub(crate) variable: &'static str,
}

/// Novita AI.
pub(crate) const NOVITA: Vendor = Vendor { name: "Novita AI", key: "api_key", variable: "NOVITA_API_KEY" };
/// Nova Cloud.
pub(crate) const NOVACLOUD: Vendor =
    Vendor { name: "Nova Cloud", key: "novacloud_api_key", variable: "NOVACLOUD_API_KEY" };

impl Vendor {
    /// Whose API speaks so.
    pub(crate) fn of(error_mapping: ErrorMapping) -> &'static Self {
        match error_mapping {
            ErrorMapping::Novita => &NOVITA,
            ErrorMapping::NovaCloud => &NOVACLOUD,
        }
    }

    fn missing_key(&self) -> Diagnostic {
        let Self { name, key, variable } = self;
        let detail = format!(
            "This operation calls {name}, and there is no key. Set `{key}` in the provider block or the environment \
             variable {variable}."
        );
        Diagnostic::error(format!("Missing API key of {name}"), detail)
    }

    fn not_known(&self, attribute: &str) -> Diagnostic {
        let name = self.name;
        let what = if attribute == self.key { "Credentials" } else { "Settings" };
        let detail = format!(
            "This operation calls {name}, but `{attribute}` of the provider block is known only after apply. Give \
             it a value that is known now, or apply first what it depends on (with `-target`)."
        );
        Diagnostic::error(format!("{what} of {name} not known yet"), detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfplugin::value::Value;

    fn configured(attributes: &[(&str, Value)], variables: &[(&str, &str)]) -> Result<Clients> {
        let object =
            Value::Map(attributes.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect());
        let variables: Vec<_> =
            variables.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect();
        let environment =
            move |name: &str| variables.iter().find(|(it, _)| it == name).map(|(_, it)| it.clone());
        let surroundings =
            Surroundings { environment: &environment, connect: &Client::new, client_version: "1.11.4" };
        Clients::configure(&Config::from_object(&object).unwrap(), &surroundings)
    }

    fn problem(attributes: &[(&str, Value)], variables: &[(&str, &str)]) -> String {
        let outcome = configured(attributes, variables).and_then(|it| it.novita.client(&NOVITA).map(|_| ()));
        outcome.map_or_else(|it| format!("{}: {}", it.0[0].summary, it.0[0].detail), |()| "ready".to_owned())
    }

    #[test]
    fn expected_1_one_variable_is_enough() {
        assert_eq!(problem(&[], &[("NOVITA_API_KEY", "k")]), "ready");
        assert_eq!(problem(&[("api_key", Value::from("k"))], &[]), "ready");
    }

    #[test]
    fn v5_a_missing_key_names_attribute_and_variable() {
        for variables in [&[][..], &[("NOVITA_API_KEY", "  ")]] {
            let text = problem(&[], variables);
            assert!(
                text.starts_with("Missing API key")
                    && text.contains("`api_key`")
                    && text.contains("NOVITA_API_KEY")
            );
        }
    }

    #[test]
    fn protection_is_ignored_where_the_block_or_else_the_environment_says_so() {
        const VARIABLE: &str = "NOVITA_IGNORE_DELETION_PROTECTION";
        let block = |it: Value| vec![("ignore_deletion_protection", it)];
        for (attributes, variable, ignored) in [
            (Vec::new(), "", false),
            (Vec::new(), "0", false),
            (Vec::new(), " True ", true),
            (Vec::new(), "1", true),
            (block(Value::from(true)), "0", true),
            (block(Value::from(false)), "1", false),
            (block(Value::unknown()), "1", false),
        ] {
            let clients = configured(&attributes, &[(VARIABLE, variable)]).ok();
            assert_eq!(clients.map(|it| it.ignores_deletion_protection()), Some(ignored), "{variable:?}");
        }
        assert!(problem(&[], &[(VARIABLE, "yes")]).starts_with("Invalid environment variable"));
    }

    #[test]
    fn demand_22_an_unknown_key_is_an_error_only_when_it_is_needed() {
        assert!(configured(&[("api_key", Value::unknown())], &[]).is_ok());
        let text = problem(&[("api_key", Value::unknown())], &[("NOVITA_API_KEY", "k")]);
        assert!(text.contains("known only after apply"), "{text}");
    }

    #[test]
    fn public_calls_need_no_key_but_an_address() {
        let public = |attributes: &[(&str, Value)]| {
            let clients = configured(attributes, &[])?;
            clients.novacloud.public_client(&NOVACLOUD).map(|_| ())
        };
        assert!(public(&[]).is_ok());
        assert!(public(&[("novacloud_api_key", Value::from("k"))]).is_ok());
        assert!(public(&[("novacloud_api_key", Value::unknown())]).is_ok());
        let fault = public(&[("novacloud_base_url", Value::unknown())]).unwrap_err();
        assert!(fault.0[0].detail.contains("`novacloud_base_url`"), "{fault:?}");
    }

    #[test]
    fn a_wrong_url_in_the_environment_is_named() {
        let text = problem(&[], &[("NOVITA_API_KEY", "k"), ("NOVITA_BASE_URL", "http://example.net")]);
        assert!(text.contains("NOVITA_BASE_URL") && text.contains("https"), "{text}");
        assert_eq!(
            problem(&[], &[("NOVITA_API_KEY", "k"), ("NOVITA_BASE_URL", "http://127.0.0.1:1")]),
            "ready"
        );
    }
}
