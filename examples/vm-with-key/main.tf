# A VM of Nova Cloud with its SSH key.

terraform {
  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

# The API key is taken from the environment variable NOVACLOUD_API_KEY.
provider "novita" {}

variable "public_key" {
  description = "Public key, such as the content of ~/.ssh/id_ed25519.pub."
  type        = string
}

variable "gpu_type" {
  description = "GPU model."
  type        = string
  default     = "5090"
}

variable "running" {
  description = "Set to false at night: only storage is billed then."
  type        = bool
  default     = true
}

# Cheapest first. No API key is required.
data "novacloud_offers" "available" {
  provider = novita

  gpu_type  = var.gpu_type
  available = true
}

resource "novacloud_ssh_key" "this" {
  provider = novita

  public_key = var.public_key
  label      = "terraform"
}

resource "novacloud_vm" "this" {
  provider = novita

  # The first node with free hardware is rented.
  nodes         = distinct([for it in data.novacloud_offers.available.offers : it.node])
  gpu_type      = var.gpu_type
  gpu_count     = 1
  storage_gb    = 100
  template_vmid = 101 # Ubuntu 24.04 with NVIDIA drivers
  ssh_key_id    = novacloud_ssh_key.this.id

  desired_status = var.running ? "running" : "stopped"

  # Other offers and a rotated key must not replace the VM.
  lifecycle {
    ignore_changes = [nodes, ssh_key_id]
  }
}

output "ip_address" {
  value = novacloud_vm.this.ip_address
}

output "hourly_rate" {
  description = "USD per hour."
  value       = novacloud_vm.this.hourly_rate
}
