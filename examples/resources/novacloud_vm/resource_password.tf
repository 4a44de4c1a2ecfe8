# Login with a password
variable "vm_password" {
  description = "At least 12 characters. Set it as TF_VAR_vm_password."
  type        = string
  sensitive   = true
}

resource "novacloud_vm" "desktop" {
  provider = novita

  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 120
  template_vmid = 104 # Linux desktop

  # Not stored in the state. A new version replaces the VM.
  auth_method         = "password"
  password_wo         = var.vm_password
  password_wo_version = 1
}
