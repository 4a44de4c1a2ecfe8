# Private registry
variable "registry_token" {
  description = "Token with permission to read packages. Set it as TF_VAR_registry_token."
  type        = string
  sensitive   = true
}

resource "novita_registry_auth" "ghcr" {
  name     = "ghcr.io"
  username = "acme-bot"

  # Not stored in the state. Increase the version with each new token.
  password_wo         = var.registry_token
  password_wo_version = 1

  # A login in use cannot be deleted: create the new one first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "novita_gpu_instance" "trainer" {
  product_id    = "4090.16c62g"
  gpu_num       = 1
  rootfs_size   = 60
  image_url     = "ghcr.io/acme/trainer:1.4"
  image_auth_id = novita_registry_auth.ghcr.id
}
