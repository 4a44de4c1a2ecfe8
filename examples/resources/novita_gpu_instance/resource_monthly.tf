# Monthly instance with deletion protection
resource "novita_gpu_instance" "inference" {
  name        = "inference"
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/acme/inference:2.0"
  ports       = ["8000/http"]

  # Prepaid: the sum is charged immediately, and the instance cannot be removed before `end_time`.
  month            = 1
  auto_renew       = true
  auto_renew_month = 1

  deletion_protection = true
}

output "end_of_term" {
  value = novita_gpu_instance.inference.end_time
}
