# Two VMs of Nova Cloud, reserved for a month, and a small CPU instance of Novita AI that shares the requests
# out between them: both vendors in one configuration.
#
# A reservation is paid in advance, and cancelling it costs 25 %. That is why destroying is refused until
# `protected` is set to false and applied.

terraform {
  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

# The API keys are taken from the environment variables NOVITA_API_KEY and NOVACLOUD_API_KEY.
provider "novita" {}

variable "node" {
  description = "Node that both VMs run on."
  type        = string
  default     = "vm02"
}

variable "gpu_type" {
  description = "GPU model of that node."
  type        = string
  default     = "5090"
}

variable "months" {
  description = "Months to reserve: 1, 3 or 6."
  type        = number
  default     = 1
}

variable "protected" {
  description = "Whether destroying and replacing the VMs are refused."
  type        = bool
  default     = true
}

resource "novacloud_vm" "model" {
  provider = novita
  for_each = toset(["blue", "green"])

  node          = var.node
  gpu_type      = var.gpu_type
  gpu_count     = 1
  storage_gb    = 200
  template_vmid = 101

  rental_type        = "reserved"
  reservation_months = var.months

  deletion_protection = var.protected
}

locals {
  upstreams = [for address in compact([for it in novacloud_vm.model : it.ip_address]) : "--to http://${address}:8000"]
}

resource "novita_cpu_instance" "gateway" {
  name       = "model-gateway"
  product_id = "cpu.4c8g"
  image_url  = "docker.io/library/caddy:2.10"
  command    = "caddy reverse-proxy --from :8080 ${join(" ", local.upstreams)}"
  ports      = ["8080/http"]
}

output "gateway_url" {
  value = one([for it in novita_cpu_instance.gateway.port_mappings : it.endpoint if it.port == 8080])
}

output "vm_addresses" {
  value = { for name, it in novacloud_vm.model : name => it.ip_address }
}

output "hourly_rate" {
  description = "USD per hour of both VMs together."
  value       = sum([for it in novacloud_vm.model : it.hourly_rate])
}
