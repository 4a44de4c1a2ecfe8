# The whole life on the mock API: run `make mock`, set NOVITA_BASE_URL to the address that it prints, then
# `terraform test -test-directory=tests/mock-api`. The key is the mock's: no real account takes it.

provider "novita" {
  api_key       = "mock-api-key"
  poll_interval = "100ms"
}

run "it_serves" {
  assert {
    condition     = novita_endpoint.llm.status == "serving"
    error_message = "The endpoint does not serve: ${novita_endpoint.llm.status}"
  }

  assert {
    condition     = endswith(output.base_url, "/v1")
    error_message = "The base URL is ${output.base_url}"
  }
}

run "more_workers_may_come" {
  variables {
    max_workers = 3
  }

  assert {
    condition     = novita_endpoint.llm.worker_config.max_num == 3
    error_message = "The endpoint has at most ${novita_endpoint.llm.worker_config.max_num} workers."
  }
}
