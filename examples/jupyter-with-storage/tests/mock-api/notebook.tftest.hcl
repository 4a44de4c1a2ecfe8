# The whole life on the mock API: run `make mock`, set NOVITA_BASE_URL to the address that it prints, then
# `terraform test -test-directory=tests/mock-api`. The key is the mock's: no real account takes it.

provider "novita" {
  api_key       = "mock-api-key"
  poll_interval = "100ms"
}

variables {
  network_storage_id = "st-51c0"
  cluster_id         = "7"
  image_url          = "docker.io/novitalabs/pytorch:example"
}

run "the_notebook_starts" {
  assert {
    condition     = novita_gpu_instance.notebook.status == "running"
    error_message = "The machine does not run: ${novita_gpu_instance.notebook.status}"
  }

  assert {
    condition     = startswith(output.jupyter_url, "https://")
    error_message = "There is no address for Jupyter."
  }
}

run "it_stops_over_night" {
  variables {
    running = false
  }

  assert {
    condition     = novita_gpu_instance.notebook.status == "exited"
    error_message = "The machine did not stop: ${novita_gpu_instance.notebook.status}"
  }
}
