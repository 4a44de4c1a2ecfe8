# The whole life on the mock API: run `make mock`, set NOVITA_BASE_URL and NOVACLOUD_BASE_URL to the addresses
# that it prints, then `terraform test -test-directory=tests/mock-api`. The keys are the mock's: no real
# account takes them.

provider "novita" {
  api_key           = "mock-api-key"
  novacloud_api_key = "nv_mock_api_key"
  poll_interval     = "100ms"
}

variables {
  # A test destroys what it created.
  protected = false
}

run "requests_reach_both_vms" {
  assert {
    condition     = alltrue([for it in novacloud_vm.model : it.status == "running"])
    error_message = "A VM does not run."
  }

  assert {
    condition     = length(regexall("--to http://", novita_cpu_instance.gateway.command)) == 2
    error_message = "The gateway runs: ${novita_cpu_instance.gateway.command}"
  }

  assert {
    condition     = output.hourly_rate > 0 && output.gateway_url != null
    error_message = "An output has no value."
  }
}
