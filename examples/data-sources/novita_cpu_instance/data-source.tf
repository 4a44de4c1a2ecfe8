# A machine that was made elsewhere, by its exact name. `id` finds it too.
data "novita_cpu_instance" "gateway" {
  name = "gateway"
}

output "gateway_status" {
  value = data.novita_cpu_instance.gateway.status
}
