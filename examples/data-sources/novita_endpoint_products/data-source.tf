# Products for the workers of endpoints, cheapest first.
data "novita_endpoint_products" "rtx_4090" {
  gpu_name = "4090"
}

output "product" {
  description = "For `product_ids` of an endpoint."
  value       = data.novita_endpoint_products.rtx_4090.products[0].id
}
