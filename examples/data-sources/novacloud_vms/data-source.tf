# The VMs of the account on one node.
data "novacloud_vms" "here" {
  provider = novita
  node     = "vm02"
}

output "addresses" {
  value = { for vm in data.novacloud_vms.here.vms : vm.id => vm.ip_address }
}
