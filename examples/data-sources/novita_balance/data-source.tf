data "novita_balance" "now" {}

# Every plan and apply warns when the money runs low, and goes on.
check "money" {
  assert {
    condition     = data.novita_balance.now.available > 20
    error_message = "Less than 20 USD are left."
  }
}
