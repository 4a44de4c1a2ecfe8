# The cheapest available product with eight vCPUs.
data "novita_cpu_products" "fitting" {
  available   = true
  min_cpu_num = 8
}

output "cheapest_cpu_product" {
  value = try(data.novita_cpu_products.fitting.products[0], null)
}
