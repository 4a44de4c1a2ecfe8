# A login for a private registry. Its password is not stored (Terraform or OpenTofu 1.11 and newer).
variable "ghcr_token" {
  type      = string
  sensitive = true
  default   = "a-token-that-may-read-packages"
}

resource "novita_registry_auth" "ghcr" {
  name     = "ghcr.io"
  username = "acme-bot"

  # Increase the version with each new token: it creates a new login.
  password_wo         = var.ghcr_token
  password_wo_version = 1

  # A login in use cannot be deleted: create the new one first.
  lifecycle {
    create_before_destroy = true
  }
}

output "ghcr_login" {
  description = "For `image_auth_id` of an instance, or `image.auth_id` of an endpoint."
  value       = novita_registry_auth.ghcr.id
}
