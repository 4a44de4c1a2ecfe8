# Spot instance with fallback
resource "novita_gpu_instance" "worker" {
  billing_mode = "spot"
  gpu_num      = 1
  rootfs_size  = 60
  image_url    = "docker.io/acme/trainer:1.4"

  # In order of preference; the first product with capacity is rented.
  product_ids      = ["4090.16c62g", "5090.20c94g"]
  capacity_timeout = "20m"

  # USD per hour. More expensive products are skipped.
  max_hourly_price = 0.8
}

output "rented_product" {
  value = novita_gpu_instance.worker.product_id
}
