variable "vm_id" {
  description = "Identifier of the VM, as the console shows it."
  type        = string
}

# An existing VM, by its ID. VMs have no name.
data "novacloud_vm" "trainer" {
  provider = novita

  id = var.vm_id
}

output "trainer_address" {
  value = data.novacloud_vm.trainer.ip_address
}
