# The list of prices. No API key is needed.
data "novacloud_pricing" "now" {
  provider = novita
}

output "usd_per_hour" {
  value = data.novacloud_pricing.now.gpus
}
