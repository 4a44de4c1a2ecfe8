data "novacloud_account" "mine" {
  provider = novita
}

output "hours_left" {
  description = "How long the money lasts with what runs now."
  value = (
    data.novacloud_account.mine.spend_per_hour > 0
    ? floor(data.novacloud_account.mine.credit_balance / data.novacloud_account.mine.spend_per_hour)
    : 0
  )
}

output "more_vms" {
  value = data.novacloud_account.mine.max_vms - data.novacloud_account.mine.running_vms
}
