# Price of a reservation for three months. Nothing is bought.
data "novacloud_reservation_quote" "trainer" {
  provider           = novita
  gpu_type           = "5090"
  gpu_count          = 2
  storage_gb         = 200
  reservation_months = 3
}

output "usd_in_advance" {
  value = data.novacloud_reservation_quote.trainer.deposit_required
}
