# A disk for the instances and endpoints of one cluster.
data "novita_clusters" "with_storage" {
  support_network_storage = true
}

resource "novita_network_storage" "data" {
  cluster_id = data.novita_clusters.with_storage.clusters[0].id
  name       = "training-data"
  size       = 200

  # Destroying a storage deletes its data: set to `true` to refuse it.
  deletion_protection = false
}

output "data_storage" {
  description = "For `network_storages` of an instance, whose `cluster_id` must be the storage's."
  value       = { id = novita_network_storage.data.id, mount_point = "/network" }
}
