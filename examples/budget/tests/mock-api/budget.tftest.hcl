# The whole life on the mock API: run `make mock`, set NOVITA_BASE_URL to the address that it prints, then
# `terraform test -test-directory=tests/mock-api`. The key is the mock's: no real account takes it.
#
# There is no suite with `mock_provider`, because it cannot generate a list such as that of products.

provider "novita" {
  api_key       = "mock-api-key"
  poll_interval = "100ms"
}

run "above_the_budget_the_plan_is_refused" {
  command = plan

  variables {
    budget = 0.05
  }

  expect_failures = [novita_gpu_instance.worker]
}

run "the_cheapest_in_stock_is_rented" {
  assert {
    condition     = output.hourly_price <= var.budget
    error_message = "It costs ${output.hourly_price} USD per hour."
  }

  assert {
    condition = output.hourly_price == min([
      for it in data.novita_gpu_products.fitting.products : it.hourly_price if it.available
    ]...)
    error_message = "There is a cheaper one than ${output.product}."
  }
}
