# Clusters that have network storage and this GPU model.
data "novita_clusters" "with_storage" {
  product_name            = "RTX 4090"
  support_network_storage = true
}

output "cluster_names" {
  value = { for cluster in data.novita_clusters.with_storage.clusters : cluster.id => cluster.name }
}
