# A machine that was made elsewhere, by its exact name. `id` finds it too.
data "novita_gpu_instance" "notebook" {
  name = "notebook"
}

output "notebook_addresses" {
  value = { for mapping in data.novita_gpu_instance.notebook.port_mappings : mapping.port => mapping.endpoint }
}
