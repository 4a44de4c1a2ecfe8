//! The configurations of the estates. Each has one variable, `image_url`, which changes every machine in it.

/// What an estate is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Estate {
    /// `novita_gpu_instance`.
    Instances,
    Endpoints,
    Vms,
    /// A quarter of each resource.
    Mixed,
}

/// What the provider block says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settings {
    /// No limit on requests, and waits as short as the mock's machines are fast.
    Unlimited,
    /// Nothing.
    Default,
}

const VARIABLE: &str = "variable \"image_url\" {\n  default = \"docker.io/acme/trainer:1.4\"\n}\n";

/// What changes all machines of an estate.
pub(crate) const CHANGE: &str = "image_url=docker.io/acme/trainer:1.5";

/// The configuration of so many machines.
pub(crate) fn configuration(estate: Estate, size: usize, settings: Settings) -> String {
    let resources = match estate {
        Estate::Instances => instances(size),
        Estate::Endpoints => endpoints(size),
        Estate::Vms => vms(size),
        Estate::Mixed => {
            let quarter = size / 4;
            [instances(quarter), cpu_instances(quarter), endpoints(quarter), vms(quarter)].concat()
        }
    };
    format!("{}{VARIABLE}{resources}", provider(settings))
}

fn provider(settings: Settings) -> String {
    let said = match settings {
        Settings::Unlimited => "  max_requests_per_minute = 0\n  poll_interval           = \"50ms\"\n",
        Settings::Default => "",
    };
    format!(
        r#"
terraform {{
  required_providers {{
    novita = {{
      source = "novita/novita"
    }}
  }}
}}

provider "novita" {{
{said}}}
"#
    )
}

/// What a GPU instance is told.
const INSTANCE: &str = r#"
  name        = "bench-${count.index}"
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = var.image_url
  ports       = ["22/tcp", "8888/http"]
  envs = {
    RANK    = tostring(count.index)
    HF_HOME = "/workspace"
  }
"#;

fn instances(count: usize) -> String {
    format!(
        r#"
resource "novita_gpu_instance" "it" {{
  count = {count}
{INSTANCE}}}
"#
    )
}

fn cpu_instances(count: usize) -> String {
    format!(
        r#"
resource "novita_cpu_instance" "it" {{
  count                     = {count}
  name                      = "bench-cpu-${{count.index}}"
  product_id                = "cpu.4c8g"
  image_url                 = var.image_url
  ports                     = ["22/tcp"]
  local_storage_mount_point = "/workspace"
}}
"#
    )
}

fn endpoints(count: usize) -> String {
    format!(
        r#"
resource "novita_endpoint" "it" {{
  count       = {count}
  name        = "bench-${{count.index}}"
  product_ids = ["SL-serverless-3"]
  image = {{
    image = var.image_url
  }}
  port = 8000
  healthy = {{
    path = "/health"
  }}
  worker_config = {{
    min_num        = 0
    max_num        = 2
    free_timeout   = 300
    max_concurrent = 4
    gpu_num        = 1
  }}
  policy = {{
    type  = "concurrency"
    value = 8
  }}
}}
"#
    )
}

/// A VM has no image; its storage grows with the variable instead.
fn vms(count: usize) -> String {
    format!(
        r#"
resource "novacloud_vm" "it" {{
  count         = {count}
  provider      = novita
  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = endswith(var.image_url, "1.4") ? 120 : 140
  template_vmid = 101
  auth_method   = "ssh_key"
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estate_has_as_many_machines_as_asked_for() {
        for estate in [Estate::Instances, Estate::Endpoints, Estate::Vms] {
            let text = configuration(estate, 17, Settings::Unlimited);
            assert_eq!(
                text.lines().filter(|it| it.contains("count ") && it.contains("= 17")).count(),
                1,
                "{text}"
            );
            assert!(text.contains("variable \"image_url\""), "{text}");
        }
        let mixed = configuration(Estate::Mixed, 1000, Settings::Default);
        assert_eq!(mixed.matches("= 250\n").count(), 4, "{mixed}");
        assert!(mixed.contains("provider \"novita\" {\n}\n"), "{mixed}");
    }
}
