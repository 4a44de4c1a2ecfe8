# VM with its SSH key
resource "novacloud_ssh_key" "laptop" {
  provider = novita

  # Usually file("~/.ssh/id_ed25519.pub").
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me@laptop"
  label      = "laptop"
}

resource "novacloud_vm" "shell" {
  provider = novita

  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 120
  template_vmid = 101
  ssh_key_id    = novacloud_ssh_key.laptop.id

  # A VM receives the key when it is created: keep the VM when the key is rotated.
  lifecycle {
    ignore_changes = [ssh_key_id]
  }
}
