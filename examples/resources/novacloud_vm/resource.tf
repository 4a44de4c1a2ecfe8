# One GPU, billed by the minute, with Ubuntu 24.04 and NVIDIA's drivers.
resource "novacloud_vm" "trainer" {
  # The type's prefix is not the provider's name, so it has to be said whose resource this is.
  provider = novita

  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 120
  template_vmid = 101

  # Without `ssh_key_id` the account's oldest key may log in.
  auth_method = "ssh_key"

  # A stopped VM keeps its data, and is billed for its storage only.
  desired_status = "running"
}

output "trainer_address" {
  value = novacloud_vm.trainer.ip_address
}

output "trainer_price" {
  description = "USD per hour."
  value       = novacloud_vm.trainer.hourly_rate
}
