# VMs of one node that run.
list "novacloud_vm" "running" {
  provider = novita
  limit    = 1000

  config {
    status = "running"
    node   = "vm02"
  }
}
