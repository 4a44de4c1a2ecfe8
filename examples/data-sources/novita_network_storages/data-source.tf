# The network storages of one cluster.
data "novita_network_storages" "here" {
  cluster_id = "7"
}

output "gigabytes" {
  value = sum(data.novita_network_storages.here.network_storages[*].size)
}
