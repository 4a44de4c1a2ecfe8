# Nodes with at least two GPUs of this model, cheapest first. No API key is required.
data "novacloud_offers" "fitting" {
  provider = novita

  gpu_type      = "5090"
  min_gpu_count = 2
  available     = true
}

output "cheapest_node" {
  value = try(data.novacloud_offers.fitting.offers[0].node, null)
}
