# The CPU instances whose names begin with "gate".
data "novita_cpu_instances" "gateways" {
  name_prefix = "gate"
}

output "gateways" {
  description = "Identifier of each instance, by name."
  value       = { for it in data.novita_cpu_instances.gateways.cpu_instances : it.name => it.id }
}
