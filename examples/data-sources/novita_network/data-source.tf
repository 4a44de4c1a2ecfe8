# A network that was made elsewhere, by its exact name. `id` finds it too.
data "novita_network" "lab" {
  name = "lab"
}

output "lab_addresses" {
  description = "The private address of each instance in it, by the instance's id."
  value       = data.novita_network.lab.addresses
}
