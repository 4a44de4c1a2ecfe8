# The whole life on the mock API: run `make mock`, set NOVITA_BASE_URL to the address that it prints, then
# `terraform test -test-directory=tests/mock-api`. The key is the mock's: no real account takes it.

provider "novita" {
  api_key       = "mock-api-key"
  poll_interval = "100ms"
}

variables {
  # A test destroys what it created.
  protect_storage = false
}

run "the_notebook_starts" {
  assert {
    condition     = novita_gpu_instance.notebook.status == "running"
    error_message = "The instance is not running: ${novita_gpu_instance.notebook.status}"
  }

  assert {
    condition     = startswith(output.jupyter_url, "https://")
    error_message = "There is no address for Jupyter."
  }
}

run "it_stops_at_night" {
  variables {
    running = false
  }

  assert {
    condition     = novita_gpu_instance.notebook.status == "exited"
    error_message = "The instance did not stop: ${novita_gpu_instance.notebook.status}"
  }
}
