//! The schemas, with the names and texts of the provider's own. What the crate cannot describe is left out;
//! see the top of `main.rs`.

use tf_provider::map;
use tf_provider::schema::{
    Attribute, AttributeConstraint as C, AttributeType as T, Block, Description, NestedBlock, Schema,
};

/// Name, type, who sets it, whether it is a secret, text.
type Row = (&'static str, T, C, bool, &'static str);

pub(crate) fn provider() -> Schema {
    let text = "GPU and CPU machines of Novita AI, and GPU machines of Nova Cloud.\n\nCredentials are \
             needed only for the vendor whose resources a configuration uses. A value in the \
             configuration wins over its environment variable.";
    Schema { version: 0, block: block(text, provider_rows()) }
}

pub(crate) fn gpu_instance() -> Schema {
    let text = "A GPU instance of Novita AI: a container on a machine with GPUs.\n\nBilling begins when \
             the image is pulled. A stopped instance keeps its data for some days and is billed for \
             its storage; see the guide on money for what a stop, a change and a replacement cost.";
    let mut rows = chosen_rows();
    rows.extend(learnt_rows());
    let mut block = block(text, rows);
    let timeouts = self::block("How long operations may take.", timeout_rows());
    block.blocks.insert("timeouts".to_owned(), NestedBlock::Optional(timeouts));
    Schema { version: 0, block }
}

fn block(text: &str, rows: Vec<Row>) -> Block {
    let attribute = |(name, attr_type, constraint, sensitive, text): Row| {
        let description = Description::markdown(text);
        (name.to_owned(), Attribute { attr_type, description, constraint, sensitive, deprecated: false })
    };
    Block {
        version: 0,
        attributes: rows.into_iter().map(attribute).collect(),
        description: Description::markdown(text),
        ..Default::default()
    }
}

fn port_mappings() -> T {
    let members = map! { "port" => T::Number, "type" => T::String, "endpoint" => T::String };
    T::List(T::Object(members).into())
}

#[rustfmt::skip]
fn provider_rows() -> Vec<Row> {
    vec![
        ("api_key", T::String, C::Optional, true, "API key of Novita AI. Without it the environment variable `NOVITA_API_KEY` is used."),
        ("base_url", T::String, C::Optional, false, "Base URL of Novita AI's API. Without it the environment variable `NOVITA_BASE_URL` is \
             used, else `https://api.novita.ai/gpu-instance/openapi/v1`. It must be an `https://` \
             URL without credentials, query and fragment; `http://` is allowed for loopback hosts \
             only."),
        ("novacloud_api_key", T::String, C::Optional, true, "API key of Nova Cloud. Without it the environment variable `NOVACLOUD_API_KEY` is used."),
        ("novacloud_base_url", T::String, C::Optional, false, "Base URL of Nova Cloud's API. Without it the environment variable `NOVACLOUD_BASE_URL` \
             is used, else `https://api.nova-cloud.ai`. It must be an `https://` URL without \
             credentials, query and fragment; `http://` is allowed for loopback hosts only."),
        ("request_timeout", T::String, C::Optional, false, "Longest time for one HTTP request. Default: `60s`. It must be a positive duration with \
             a unit, such as `30s` or `1m30s`."),
        ("max_retries", T::Number, C::Optional, false, "How often a request that may be repeated is repeated; 0 switches repeating off. \
             Default: `5`. Range: 0 to 100."),
        ("max_requests_per_minute", T::Number, C::Optional, false, "Most requests per minute to each API, kept by waiting; 0 means no limit. Default: \
             `100`. Range: 0 to 100000."),
        ("poll_interval", T::String, C::Optional, false, "Time between two looks at something that is waited for; it grows while nothing changes. \
             Default: `5s`. It must be a positive duration with a unit, such as `30s` or `1m30s`."),
    ]
}

/// What a configuration can set, and the id.
#[rustfmt::skip]
fn chosen_rows() -> Vec<Row> {
    vec![
        ("id", T::String, C::Computed, false, "Identifier of the instance."),
        ("name", T::String, C::OptionalComputed, false, "Name, shown in the console. Without one the provider makes a unique name that begins \
             with `tf-`, so that the instance can be found again whatever happens. Length: 1 to 255 \
             characters. Changing it replaces the resource."),
        ("product_id", T::String, C::Required, false, "Identifier of the product: GPU model, processors and memory. Length: 1 to 255 \
             characters. Changing it replaces the resource."),
        ("gpu_num", T::Number, C::Required, false, "Number of GPUs. Range: 1 to 8. Changing it replaces the resource."),
        ("rootfs_size", T::Number, C::Required, false, "Size of the system disk in GB. The most that a product allows is its `maxRootFS`. \
             Range: 10 to 6144. A larger size is applied in place, without a restart (edit); a \
             smaller one replaces the resource."),
        ("image_url", T::String, C::Required, false, "Image to run, with registry and tag. Length: 1 to 500 characters. Changing it resets \
             the container in place (upgrade)."),
        ("image_auth", T::String, C::Optional, true, "Login for a private registry as `username:password`. Prefer `image_auth_wo`, which is \
             not stored, or `image_auth_id`. Only one of the three can be set. Length: 1 to 10239 \
             characters. It must be `username:password`. Changing it replaces the resource, unless \
             `image_auth_id` takes its place."),
        ("image_auth_id", T::String, C::Optional, false, "Identifier of a login for a private registry that is saved in the account. Length: at \
             most 255 characters. Changing it resets the container in place (upgrade)."),
        ("ports", T::Set(T::String.into()), C::Optional, false, "Ports to open, in any order. Together with `tools` there can be 15, and a port stands \
             once. It must be `PORT/tcp` or `PORT/http`, PORT being 1 to 65535 but not 2222, 2223 or \
             2224. Changing it sets the whole list in place, without a restart (edit)."),
        ("envs", T::Map(T::String.into()), C::Optional, false, "Environment variables. Together with `secret_envs` there can be 100. Length of each \
             key: 1 to 511 characters. Length: at most 4095 characters. Changing it resets the \
             container in place (upgrade)."),
        ("secret_envs", T::Map(T::String.into()), C::Optional, true, "Environment variables whose values clients hide. A key cannot be in `envs` too. Length \
             of each key: 1 to 511 characters. Length: at most 4095 characters. Changing it resets \
             the container in place (upgrade)."),
        ("command", T::String, C::Optional, false, "Start command, instead of the image's. Length: at most 2047 characters. Changing it \
             resets the container in place (upgrade)."),
        ("entrypoint", T::String, C::Optional, false, "Entry point, instead of the image's. Length: at most 2047 characters. Changing it \
             resets the container in place (upgrade)."),
        ("cluster_id", T::String, C::OptionalComputed, false, "Identifier of the cluster. Without one the API chooses. Length: 1 to 255 characters. \
             Changing it replaces the resource."),
        ("network_id", T::String, C::Optional, false, "Identifier of the VPC network that the instance joins. Length: at most 255 characters. \
             Changing it replaces the resource."),
        ("deletion_protection", T::Bool, C::OptionalComputed, false, "Whether destroying and replacing are refused. Default: `false`. Changing it makes no \
             API call."),
        ("wait_for_ready", T::Bool, C::OptionalComputed, false, "Whether creating waits until the instance runs. With `false` it ends once the \
             identifier is in the state. Default: `true`. Changing it makes no API call."),
        ("billing_mode", T::String, C::OptionalComputed, false, "How the instance is paid for: by use, by the month in advance, or as a spot instance \
             that can be taken back. Without a value it is `monthly` when `month` is above 0, else \
             `onDemand`. Allowed values: `onDemand`, `monthly`, `spot`. From `onDemand` to `monthly` \
             it changes in place (transToMonthlyInstance); any other change replaces the resource."),
        ("month", T::Number, C::OptionalComputed, false, "Months to pay in advance; 0 is pay as you go. Above 0 the billing is monthly. Range: at \
             least 0. Default: `0`. From 0 to more it changes in place (transToMonthlyInstance); \
             back to 0 replaces the resource; another change is refused."),
        ("auto_renew", T::Bool, C::OptionalComputed, false, "Renew a monthly instance at the end of its term. Default: `false`. Changing it takes \
             effect in place (setAutoRenew)."),
        ("auto_renew_month", T::Number, C::Optional, false, "Months of each automatic renewal; only with `auto_renew`. Range: 1 to 12. Changing it \
             takes effect in place (setAutoRenew)."),
        ("min_cuda_version", T::String, C::Optional, false, "Oldest CUDA version that the machine's driver must support. Length: 1 to 255 \
             characters. It must be `MAJOR.MINOR`, such as `12.4`. Changing it replaces the resource."),
    ]
}

/// What only the API knows.
#[rustfmt::skip]
fn learnt_rows() -> Vec<Row> {
    vec![
        ("cluster_name", T::String, C::Computed, false, "Name of the cluster."),
        ("cpu_num", T::Number, C::Computed, false, "Number of vCPUs."),
        ("created_at", T::String, C::Computed, false, "When the instance was created, in RFC 3339."),
        ("end_time", T::String, C::Computed, false, "End of the term of a monthly instance, in RFC 3339."),
        ("hourly_price", T::Number, C::Computed, false, "Price of the whole machine in USD per hour for its way of billing, as it was when the \
             instance was made."),
        ("jupyter_url", T::String, C::Computed, false, "Address of Jupyter."),
        ("memory", T::Number, C::Computed, false, "Memory in GB."),
        ("network_ip", T::String, C::Computed, false, "Address in the VPC network."),
        ("port_mappings", port_mappings(), C::Computed, false, "Public addresses of the open ports, ordered by port."),
        ("product_name", T::String, C::Computed, false, "Name of the product."),
        ("spot_status", T::String, C::Computed, false, "State of a spot instance: `running`, `notified`, `reclaiming` or `terminated`."),
        ("ssh_command", T::String, C::Computed, false, "Command that opens a shell by SSH."),
        ("ssh_password", T::String, C::Computed, true, "Password of the SSH user."),
        ("status", T::String, C::Computed, false, "Status as the API names it: `running`, `exited` (stopped), or one on the way there."),
    ]
}

#[rustfmt::skip]
fn timeout_rows() -> Vec<Row> {
    vec![
        ("create", T::String, C::Optional, false, "Longest time for creating, waiting included, as a duration such as `30m` or `1h30m`. \
             Default: `30m`. Changing it makes no API call."),
        ("update", T::String, C::Optional, false, "Longest time for changing in place, waiting included, as a duration such as `30m` or \
             `1h30m`. Default: `30m`. Changing it makes no API call."),
        ("delete", T::String, C::Optional, false, "Longest time for destroying, waiting included, as a duration such as `30m` or `1h30m`. \
             Default: `15m`. Changing it makes no API call."),
    ]
}
