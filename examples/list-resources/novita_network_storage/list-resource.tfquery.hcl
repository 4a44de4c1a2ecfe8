# The network storages of one cluster.
list "novita_network_storage" "here" {
  provider = novita

  config {
    cluster_id = "7"
  }
}
