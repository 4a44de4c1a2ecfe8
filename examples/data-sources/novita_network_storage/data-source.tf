# An existing storage, by its exact name. Use `id` otherwise.
data "novita_network_storage" "models" {
  name = "models"
}

output "models_cluster" {
  description = "What mounts it must run here."
  value       = data.novita_network_storage.models.cluster_id
}
