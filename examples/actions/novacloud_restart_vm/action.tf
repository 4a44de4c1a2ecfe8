# By hand: terraform apply -invoke=action.novacloud_restart_vm.trainer
action "novacloud_restart_vm" "trainer" {
  # The type's prefix is not the provider's name, here as in the resource.
  provider = novita

  config {
    vm_id = novacloud_vm.trainer.id
  }
}

resource "novacloud_vm" "trainer" {
  provider = novita

  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 120
  template_vmid = 101
}
