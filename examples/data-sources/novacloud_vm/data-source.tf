variable "vm_id" {
  description = "Identifier of the VM, as the console shows it."
  type        = string
}

# A VM that was made elsewhere. VMs have no name, so only the identifier finds one.
data "novacloud_vm" "trainer" {
  provider = novita

  id = var.vm_id
}

output "trainer_address" {
  value = data.novacloud_vm.trainer.ip_address
}
