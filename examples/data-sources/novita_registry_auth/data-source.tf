# An existing login, by its exact name. Use `id` otherwise.
data "novita_registry_auth" "shared" {
  name = "registry.example.com"
}

output "shared_login" {
  description = "For `image_auth_id` of an instance."
  value       = data.novita_registry_auth.shared.id
}
