# An existing network, by its exact name. Use `id` otherwise.
data "novita_network" "lab" {
  name = "lab"
}

output "lab_addresses" {
  description = "The private address of each instance in it, by the instance's id."
  value       = data.novita_network.lab.addresses
}
