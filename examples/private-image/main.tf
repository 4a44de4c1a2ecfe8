# An instance with a private image. The login is saved in the account; its password is not stored in the state.

terraform {
  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

# The API key is taken from the environment variable NOVITA_API_KEY.
provider "novita" {}

variable "registry" {
  description = "Host name and user name for the registry."
  type        = object({ host = string, username = string })
  default     = { host = "ghcr.io", username = "acme-bot" }
}

variable "registry_token" {
  description = "Token with permission to read packages. Set it as TF_VAR_registry_token."
  type        = string
  sensitive   = true
}

variable "token_version" {
  description = "Increase it with each new token."
  type        = number
  default     = 1
}

variable "image" {
  description = "Path and tag of the image in the registry."
  type        = string
  default     = "acme/trainer:1.4"
}

resource "novita_registry_auth" "this" {
  name     = var.registry.host
  username = var.registry.username

  password_wo         = var.registry_token
  password_wo_version = var.token_version

  # A login in use cannot be deleted: create the new one first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "novita_gpu_instance" "trainer" {
  name          = "trainer"
  product_id    = "4090.16c62g"
  gpu_num       = 1
  rootfs_size   = 60
  image_url     = "${var.registry.host}/${var.image}"
  image_auth_id = novita_registry_auth.this.id
}

output "registry_auth_id" {
  value = novita_registry_auth.this.id
}
