# A VPC network for the instances of one cluster.
data "novita_clusters" "with_networks" {
  support_instance_network = true
}

resource "novita_network" "lab" {
  cluster_id = data.novita_clusters.with_networks.clusters[0].id
  name       = "lab"
}

output "lab_network" {
  description = "For `network_id` of an instance, whose `cluster_id` must be the network's."
  value       = novita_network.lab.id
}
