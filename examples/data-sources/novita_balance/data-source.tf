data "novita_balance" "now" {}

# Plans and applies warn at a low balance and continue.
check "money" {
  assert {
    condition     = data.novita_balance.now.available > 20
    error_message = "Less than 20 USD are left."
  }
}
