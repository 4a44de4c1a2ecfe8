# A login that was saved elsewhere, by its exact name. `id` finds it too; its password is never shown.
data "novita_registry_auth" "shared" {
  name = "registry.example.com"
}

output "shared_login" {
  description = "For `image_auth_id` of an instance."
  value       = data.novita_registry_auth.shared.id
}
