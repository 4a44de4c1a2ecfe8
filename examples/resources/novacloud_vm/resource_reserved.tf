# Reserved VM
data "novacloud_reservation_quote" "model" {
  provider = novita

  gpu_type           = "5090"
  gpu_count          = 1
  storage_gb         = 200
  reservation_months = 1
}

resource "novacloud_vm" "model" {
  provider = novita

  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 200
  template_vmid = 101

  # The deposit is charged immediately; cancelling costs 25 %.
  rental_type        = "reserved"
  reservation_months = 1
}

output "deposit" {
  description = "USD."
  value       = data.novacloud_reservation_quote.model.deposit_required
}
