# A login for a private registry. Its password is kept out of plan and state (Terraform or OpenTofu 1.11 and newer).
variable "ghcr_token" {
  type      = string
  sensitive = true
  default   = "a-token-that-may-read-packages"
}

resource "novita_registry_auth" "ghcr" {
  name     = "ghcr.io"
  username = "acme-bot"

  # A new token wants a new version, and makes a new login.
  password_wo         = var.ghcr_token
  password_wo_version = 1

  # Machines hold the id of the old one until they are changed to the new one.
  lifecycle {
    create_before_destroy = true
  }
}

output "ghcr_login" {
  description = "For `image_auth_id` of an instance, or `image.auth_id` of an endpoint."
  value       = novita_registry_auth.ghcr.id
}
