# The VPC networks of one cluster.
data "novita_networks" "here" {
  cluster_id = "7"
}

output "networks" {
  description = "Address range of each network, by name."
  value       = { for network in data.novita_networks.here.networks : network.name => network.segment }
}
