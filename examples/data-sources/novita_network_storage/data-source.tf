# A storage that was made elsewhere, by its exact name. `id` finds it too.
data "novita_network_storage" "models" {
  name = "models"
}

output "models_cluster" {
  description = "What mounts it must run here."
  value       = data.novita_network_storage.models.cluster_id
}
