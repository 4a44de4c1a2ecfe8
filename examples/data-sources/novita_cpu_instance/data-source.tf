# An existing instance, by its exact name. Use `id` otherwise.
data "novita_cpu_instance" "gateway" {
  name = "gateway"
}

output "gateway_status" {
  value = data.novita_cpu_instance.gateway.status
}
