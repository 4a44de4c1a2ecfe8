//! The provider block. The settings of the second vendor and the highest price are taken, but nothing here uses
//! them.

use std::collections::HashMap;
use std::env;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tf_provider::schema::Schema;
use tf_provider::value::{Value, ValueEmpty};
use tf_provider::{AttributePath, Diagnostics, DynamicResource, Provider, map};

use crate::client::{Client, Settings};
use crate::model::Price;
use crate::{duration, resource, schema};

const BASE_URL: &str = "https://api.novita.ai/gpu-instance/openapi/v1";
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_secs(5);
const MAX_RETRIES: u32 = 5;
const MAX_REQUESTS_PER_MINUTE: u32 = 100;

/// The client, once the provider is configured.
pub(crate) type Shared = Arc<OnceLock<Client>>;

#[derive(Default)]
pub(crate) struct Novita {
    client: Shared,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Config {
    api_key: Value<String>,
    base_url: Value<String>,
    novacloud_api_key: Value<String>,
    novacloud_base_url: Value<String>,
    request_timeout: Value<String>,
    max_retries: Value<u32>,
    max_requests_per_minute: Value<u32>,
    poll_interval: Value<String>,
    max_hourly_price: Value<Price>,
    ignore_deletion_protection: Value<bool>,
}

#[async_trait]
impl Provider for Novita {
    type Config<'a> = Config;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema::provider())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: Config) -> Option<()> {
        for (name, value) in
            [("request_timeout", &config.request_timeout), ("poll_interval", &config.poll_interval)]
        {
            if let Value::Value(text) = value
                && let Err(fault) = duration::parse(text)
            {
                diags.error("Invalid duration", fault, AttributePath::new(name));
            }
        }
        Some(())
    }

    async fn configure<'a>(&self, diags: &mut Diagnostics, _: String, config: Config) -> Option<()> {
        let settings = Settings {
            base_url: text(config.base_url, "NOVITA_BASE_URL").unwrap_or_else(|| BASE_URL.to_owned()),
            api_key: text(config.api_key, "NOVITA_API_KEY").unwrap_or_default(),
            request_timeout: time(config.request_timeout, REQUEST_TIMEOUT),
            poll_interval: time(config.poll_interval, POLL_INTERVAL),
            max_retries: config.max_retries.unwrap_or(MAX_RETRIES),
            ignore_deletion_protection: config
                .ignore_deletion_protection
                .unwrap_or_else(|| env::var("NOVITA_IGNORE_DELETION_PROTECTION").is_ok_and(|it| it == "1")),
            max_requests_per_minute: config.max_requests_per_minute.unwrap_or(MAX_REQUESTS_PER_MINUTE),
        };
        match Client::new(settings) {
            Ok(client) => {
                let _ = self.client.set(client); // configured once in the life of a process
                Some(())
            }
            Err(error) => {
                diags.root_error("Cannot configure the provider", error.to_string());
                None
            }
        }
    }

    fn get_resources(&self, _: &mut Diagnostics) -> Option<HashMap<String, Box<dyn DynamicResource>>> {
        Some(map! { "gpu_instance" => resource::GpuInstance::new(self.client.clone()) })
    }
}

fn text(value: Value<String>, variable: &str) -> Option<String> {
    match value {
        Value::Value(text) => Some(text),
        Value::Null | Value::Unknown => env::var(variable).ok().filter(|it| !it.trim().is_empty()),
    }
}

fn time(value: Value<String>, otherwise: Duration) -> Duration {
    match value {
        Value::Value(text) => duration::parse(&text).unwrap_or(otherwise),
        Value::Null | Value::Unknown => otherwise,
    }
}
