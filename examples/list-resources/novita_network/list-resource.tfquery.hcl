# The networks of one cluster.
list "novita_network" "here" {
  provider = novita

  config {
    cluster_id = "7"
  }
}
