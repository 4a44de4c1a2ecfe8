# Available products for two GPUs, for at most 1.50 USD per hour and GPU, cheapest first.
data "novita_gpu_products" "fitting" {
  available          = true
  gpu_num            = 2
  min_memory_per_gpu = 60
  max_hourly_price   = 1.5
}

output "cheapest_product_id" {
  value = try(data.novita_gpu_products.fitting.products[0].id, null)
}

output "usd_per_hour_with_two_gpus" {
  value = { for product in data.novita_gpu_products.fitting.products : product.id => 2 * product.hourly_price }
}
