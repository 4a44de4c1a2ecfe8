# On-demand VM
resource "novacloud_vm" "trainer" {
  # The prefix of the type is not the name of the provider.
  provider = novita

  node          = "vm02" # from the data source novacloud_offers
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 120
  template_vmid = 101 # Ubuntu 24.04 with NVIDIA drivers

  # If `ssh_key_id` is omitted, the oldest key of the account is used.
  auth_method = "ssh_key"

  # A stopped VM keeps its data, and only its storage is billed.
  desired_status = "running"
}

output "trainer_address" {
  value = novacloud_vm.trainer.ip_address
}

output "trainer_price" {
  description = "USD per hour."
  value       = novacloud_vm.trainer.hourly_rate
}
