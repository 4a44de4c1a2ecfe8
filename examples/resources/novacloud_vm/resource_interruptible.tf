# Interruptible VM with fallback
resource "novacloud_vm" "worker" {
  provider = novita

  # Cheaper; can be preempted, its disk is kept then.
  rental_type = "interruptible"

  # In order of preference; the first node with free hardware is rented.
  nodes            = ["vm02", "vm01"]
  capacity_timeout = "20m"

  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 120
  template_vmid = 101
}
