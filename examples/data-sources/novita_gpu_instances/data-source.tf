# All running GPU instances, whoever manages them, and what they cost together.
data "novita_gpu_instances" "running" {
  status = "running"
}

output "hourly_price" {
  description = "USD per hour."
  value       = sum([for it in data.novita_gpu_instances.running.gpu_instances : coalesce(it.hourly_price, 0)])
}
