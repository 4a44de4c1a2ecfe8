//! The schemas, with the names and texts of the provider's own. What the crate cannot describe is
//! described in another way; see the top of `main.rs`.

use tf_provider::map;
use tf_provider::schema::{
    Attribute, AttributeConstraint as C, AttributeType as T, Block, Description, NestedBlock, Schema,
};

/// Name, type, who sets it, text.
type Row = (&'static str, T, C, &'static str);

const PROVIDER: &str = "Manage GPU and CPU instances and serverless endpoints of Novita AI, and GPU virtual machines of Nova Cloud.\n\nOnly the API key of the vendor whose resources are used is required. Arguments take precedence over environment variables.";
const INSTANCE: &str = "GPU instance of Novita AI: a container on a machine with GPUs.\n\nBilling starts when the image pull begins, before the instance is running. The storage of a stopped instance is still billed. A stop promises nothing about the data in `/` and `/workspace`: keep data on a network storage. Recreating the container ends its processes; the provider asks the API to keep its data. There is no user data (cloud-init): use `command` or the image. The guide [Costs and changes](https://registry.terraform.io/providers/novita/novita/latest/docs/guides/money) lists what a stop, a change and a replacement cost.\n\nVendor documentation: [Create instance](https://novita.ai/docs/api-reference/gpu-instance-create-instance), [Upgrade instance](https://novita.ai/docs/api-reference/gpu-instance-upgrade-instance), [Edit instance](https://novita.ai/docs/api-reference/gpu-instance-edit-instance), [Pricing](https://novita.ai/docs/guides/gpu-instance-pricing).";

/// What clients hide.
const SECRETS: [&str; 6] =
    ["api_key", "image_auth", "image_auth_wo", "novacloud_api_key", "secret_envs", "ssh_password"];

pub(crate) fn provider() -> Schema {
    Schema { version: 0, block: block(PROVIDER, provider_rows()) }
}

pub(crate) fn gpu_instance() -> Schema {
    let mut block = block(INSTANCE, instance_rows());
    let timeouts = self::block("Timeouts of the operations.", timeout_rows());
    block.blocks.insert("timeouts".to_owned(), NestedBlock::Optional(timeouts));
    Schema { version: 0, block }
}

fn block(text: &str, rows: Vec<Row>) -> Block {
    let attribute = |(name, attr_type, constraint, text): Row| {
        let (description, sensitive) = (Description::markdown(text), SECRETS.contains(&name));
        (name.to_owned(), Attribute { attr_type, description, constraint, sensitive, deprecated: false })
    };
    Block {
        version: 0,
        attributes: rows.into_iter().map(attribute).collect(),
        description: Description::markdown(text),
        ..Default::default()
    }
}

fn list(element: T) -> T {
    T::List(element.into())
}

fn set(element: T) -> T {
    T::Set(element.into())
}

fn map(element: T) -> T {
    T::Map(element.into())
}

fn port_mappings() -> T {
    list(T::Object(map! { "port" => T::Number, "type" => T::String, "endpoint" => T::String }))
}

fn tools() -> T {
    set(T::Object(map! { "name" => T::String, "port" => T::Number, "type" => T::String }))
}

fn network_storages() -> T {
    set(T::Object(map! { "id" => T::String, "mount_point" => T::String }))
}

#[rustfmt::skip]
fn provider_rows() -> Vec<Row> {
    vec![
        ("api_key", T::String, C::Optional, "API key of Novita AI. If omitted, the environment variable `NOVITA_API_KEY` is used."),
        ("base_url", T::String, C::Optional, "Base URL of the Novita AI API. If omitted, the environment variable `NOVITA_BASE_URL` is used, then `https://api.novita.ai/gpu-instance/openapi/v1`. It must be an `https://` URL without credentials, query and fragment; `http://` is allowed for loopback hosts only."),
        ("novacloud_api_key", T::String, C::Optional, "API key of Nova Cloud. If omitted, the environment variable `NOVACLOUD_API_KEY` is used."),
        ("novacloud_base_url", T::String, C::Optional, "Base URL of the Nova Cloud API. If omitted, the environment variable `NOVACLOUD_BASE_URL` is used, then `https://api.nova-cloud.ai`. It must be an `https://` URL without credentials, query and fragment; `http://` is allowed for loopback hosts only."),
        ("request_timeout", T::String, C::Optional, "Maximum duration of one HTTP request. Requests that create something are exempt: their response is awaited until the timeout of the operation. Default: `60s`. It must be a positive duration with a unit, such as `30s` or `1m30s`."),
        ("max_retries", T::Number, C::Optional, "Maximum number of retries of a request that is safe to repeat. `0`: no retries. Responses with status 429 are not counted; they are retried for a minute and a half. Default: `5`. Range: 0 to 100."),
        ("max_requests_per_minute", T::Number, C::Optional, "Maximum number of requests per minute to each API. `0`: unlimited. Up to this number of requests, and at most 100, are sent at once after a pause. Default: `100`. Range: 0 to 100000."),
        ("poll_interval", T::String, C::Optional, "Polling interval while waiting; it grows while the status stays the same. Default: `5s`. It must be a positive duration with a unit, such as `30s` or `1m30s`."),
        ("max_hourly_price", T::Number, C::Optional, "Maximum price in USD per hour of any single machine, like `max_hourly_price` of the resources; the lower of the two applies. Range: at least 0."),
        ("ignore_deletion_protection", T::Bool, C::Optional, "Destroy and replace resources in spite of `deletion_protection`. Intended for a single run, for example to remove a resource that was tainted while protected. If omitted, the environment variable `NOVITA_IGNORE_DELETION_PROTECTION` is used (`1` or `0`). Default: `false`."),
    ]
}

#[rustfmt::skip]
fn instance_rows() -> Vec<Row> {
    vec![
        ("id", T::String, C::Computed, "ID of the instance."),
        ("name", T::String, C::OptionalComputed, "Name, shown in the console. If omitted, the provider generates a unique name with the prefix `tf-`, by which it finds the instance again after a lost response. Length: 1 to 255 characters. Changing it replaces the resource."),
        ("product_id", T::String, C::OptionalComputed, "ID of the product: GPU model, vCPUs and RAM. `novita_gpu_products` and `novita_cpu_products` list the IDs. Set exactly one of `product_id` and `product_ids`; with `product_ids` it is the rented product. Length: 1 to 255 characters. Changing it replaces the resource."),
        ("product_ids", list(T::String), C::Optional, "IDs of products in order of preference, from `novita_gpu_products` or `novita_cpu_products`. The first product with capacity is rented; products in stock are tried first. If the list no longer contains the product in use, the instance is replaced. Length: 1 to 255 characters. Size: 1 to 20 elements. Changing it only affects the state."),
        ("gpu_num", T::Number, C::Required, "Number of GPUs. Range: 1 to 8. Changing it replaces the resource."),
        ("rootfs_size", T::Number, C::Required, "Size of the system disk in GB. A larger disk is not changed. The maximum of a product is `max_rootfs` in `novita_gpu_products`. Range: 10 to 6144. A larger size is applied in place, without a restart; a smaller one is an error, because a disk cannot shrink."),
        ("image_url", T::String, C::Required, "Image with registry and tag, such as `docker.io/acme/trainer:1.4`. Length: 1 to 500 characters. Changing it recreates the container on the same instance; running processes end."),
        ("image_auth", T::String, C::Optional, "Login for a private registry in the form `username:password`. It is stored in the state; prefer `image_auth_wo` or `image_auth_id`. Only one of the three can be set. Length: 1 to 10239 characters. It must be `username:password`. Changing it replaces the resource, unless `image_auth_id` is set instead."),
        ("image_auth_wo", T::String, C::Optional, "Same as `image_auth`, but never stored. Length: 1 to 10239 characters. It must be `username:password`. Write-only: never stored in plans or state. Requires Terraform or OpenTofu 1.11 or newer."),
        ("image_auth_wo_version", T::Number, C::Optional, "Change this number whenever `image_auth_wo` changes. Changing it replaces the resource, unless `image_auth_id` is set instead."),
        ("image_auth_id", T::String, C::Optional, "ID of a registry login (`novita_registry_auth`), for a private image. Length: at most 255 characters. Changing it recreates the container on the same instance; running processes end."),
        ("ports", set(T::String), C::Optional, "Ports to open, such as `22/tcp` or `8888/http`, in any order. Together with `tools`, at most 15; each port number only once. It must be `PORT/tcp` or `PORT/http`, PORT being 1 to 65535 but not 2222, 2223 or 2224. Changing it replaces the list of open ports in place, without a restart."),
        ("envs", map(T::String), C::Optional, "Environment variables. Together with `secret_envs`, at most 100. Length of each key: 1 to 511 characters. Length: at most 4095 characters. Changing it recreates the container on the same instance; running processes end."),
        ("secret_envs", map(T::String), C::Optional, "Environment variables whose values are hidden in plans. They are stored in the state. A key must not be in `envs` as well. Length of each key: 1 to 511 characters. Length: at most 4095 characters. Changing it recreates the container on the same instance; running processes end."),
        ("tools", tools(), C::Optional, "Tools of the official images to start with the instance. `novita_templates` lists the official images. Changing it replaces the resource."),
        ("command", T::String, C::Optional, "Start command, overrides the command of the image. Length: at most 2047 characters. Changing it recreates the container on the same instance; running processes end."),
        ("entrypoint", T::String, C::Optional, "Entry point, overrides the entry point of the image. Length: at most 2047 characters. Changing it recreates the container on the same instance; running processes end."),
        ("cluster_id", T::String, C::OptionalComputed, "ID of the cluster, from `novita_clusters`. If omitted, the API chooses one. Length: 1 to 255 characters. Changing it replaces the resource."),
        ("cluster_ids", list(T::String), C::Optional, "IDs of clusters in order of preference, from `novita_clusters`. Each is tried with each product. If the list no longer contains the cluster in use, the instance is replaced. Length: 1 to 255 characters. Size: 1 to 20 elements. Changing it only affects the state."),
        ("capacity_timeout", T::String, C::Optional, "How long to keep trying while no candidate has capacity, such as `2h`. If omitted, each candidate is tried once. The time counts towards `timeouts.create`. It must be a positive duration with a unit, such as `30s` or `1m30s`. Changing it only affects the state."),
        ("network_storages", network_storages(), C::Optional, "Network storages to mount (`novita_network_storage`). They must be in the cluster of the instance. Size: at most 30 elements. Changing it recreates the container on the same instance; running processes end."),
        ("network_id", T::String, C::Optional, "ID of the VPC network that the instance joins (`novita_network`). Length: at most 255 characters. Changing it replaces the resource."),
        ("desired_status", T::String, C::Optional, "Desired power state. If omitted, the provider never starts or stops the instance. Allowed values: `running`, `stopped`. Changing it starts or stops the instance in place."),
        ("max_hourly_price", T::Number, C::Optional, "Maximum price of the whole instance in USD per hour. A plan above it is an error. Nothing is created if the price is above it at that time or cannot be read. Range: at least 0. Changing it only affects the state."),
        ("deletion_protection", T::Bool, C::OptionalComputed, "Refuse any plan that destroys or replaces the instance. Default: `false`. Changing it only affects the state."),
        ("wait_for_ready", T::Bool, C::OptionalComputed, "Wait until the instance is running. With `false`, creation ends as soon as the ID is stored in the state. Default: `true`. Changing it only affects the state."),
        ("store_ssh_password", T::Bool, C::OptionalComputed, "Store the SSH password in the state. With `false`, `ssh_password` is null; read it with the ephemeral resource `novita_instance_access`. Default: `true`. Changing it only affects the state."),
        ("billing_mode", T::String, C::OptionalComputed, "Billing mode. `onDemand`: pay per use. `monthly`: prepaid for `month` months. `spot`: cheaper, can be reclaimed by the vendor. If omitted, `monthly` if `month` is greater than 0, else `onDemand`. Allowed values: `onDemand`, `monthly`, `spot`. Changing it from `onDemand` to `monthly` takes effect in place; any other change replaces the resource."),
        ("month", T::Number, C::OptionalComputed, "Number of prepaid months. `0`: pay per use. A number greater than 0 implies monthly billing. Range: at least 0. Default: `0`. Changing it from `0` to more takes effect in place; back to `0` replaces the resource; any other change is an error."),
        ("auto_renew", T::Bool, C::OptionalComputed, "Renew a monthly instance automatically at the end of its term. Default: `false`. Changing it takes effect in place."),
        ("auto_renew_month", T::Number, C::Optional, "Number of months of each automatic renewal. Only with `auto_renew`; the API uses `1` if omitted. Range: 1 to 12. Changing it takes effect in place."),
        ("auto_migrate", T::Bool, C::Optional, "Migrate the instance to another node automatically when its node fails. Not every instance supports it. The API accepts the setting once the instance is running and never returns it, so a change in the console is not detected. Changing it takes effect in place."),
        ("auto_migrate_system_disk", T::Bool, C::Optional, "Migrate the system disk too. Only with `auto_migrate`. Changing it takes effect in place."),
        ("min_cuda_version", T::String, C::Optional, "Minimum CUDA version that the driver of the machine must support. Length: 1 to 255 characters. It must be `MAJOR.MINOR`, such as `12.4`. Changing it replaces the resource."),
        ("status", T::String, C::Computed, "Status as returned by the API: `running`, `exited` (stopped), or a transitional one such as `pulling`."),
        ("cluster_name", T::String, C::Computed, "Name of the cluster."),
        ("product_name", T::String, C::Computed, "Name of the product."),
        ("created_at", T::String, C::Computed, "Time of creation in RFC 3339 format."),
        ("end_time", T::String, C::Computed, "End of the term of a monthly instance in RFC 3339 format."),
        ("network_ip", T::String, C::Computed, "IP address in the VPC network."),
        ("cpu_num", T::Number, C::Computed, "Number of vCPUs."),
        ("memory", T::Number, C::Computed, "RAM in GB (not GPU memory)."),
        ("hourly_price", T::Number, C::Computed, "Price of the whole instance in USD per hour in its billing mode, at the time of creation or import."),
        ("port_mappings", port_mappings(), C::Computed, "Public addresses of the open ports, sorted by port."),
        ("spot_status", T::String, C::Computed, "State of a spot instance: `running`, `notified`, `reclaiming` or `terminated`."),
        ("ssh_command", T::String, C::Computed, "Command that opens a shell by SSH."),
        ("ssh_host", T::String, C::Computed, "Host name in `ssh_command`, for provisioners and inventories. Null if the command is not of the form `ssh -p PORT USER@HOST`."),
        ("ssh_port", T::Number, C::Computed, "Port in `ssh_command`. Null under the same condition as `ssh_host`."),
        ("ssh_user", T::String, C::Computed, "User name in `ssh_command`. Null under the same condition as `ssh_host`."),
        ("ssh_password", T::String, C::Computed, "Password for SSH."),
        ("jupyter_url", T::String, C::Computed, "URL of Jupyter."),
    ]
}

#[rustfmt::skip]
fn timeout_rows() -> Vec<Row> {
    vec![
        ("create", T::String, C::Optional, "Maximum duration of creation including waiting, such as `30m` or `1h30m`. Default: `30m`. Changing it only affects the state."),
        ("update", T::String, C::Optional, "Maximum duration of updates in place including waiting, such as `30m` or `1h30m`. Default: `30m`. Changing it only affects the state."),
        ("delete", T::String, C::Optional, "Maximum duration of deletion including waiting, such as `30m` or `1h30m`. Default: `15m`. Changing it only affects the state."),
    ]
}
