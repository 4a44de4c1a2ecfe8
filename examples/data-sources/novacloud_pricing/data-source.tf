# The price list. No API key is required.
data "novacloud_pricing" "now" {
  provider = novita
}

output "usd_per_hour" {
  value = data.novacloud_pricing.now.gpus
}
