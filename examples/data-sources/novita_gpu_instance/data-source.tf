# An existing instance, by its exact name. Use `id` otherwise.
data "novita_gpu_instance" "notebook" {
  name = "notebook"
}

output "notebook_addresses" {
  value = { for mapping in data.novita_gpu_instance.notebook.port_mappings : mapping.port => mapping.endpoint }
}
