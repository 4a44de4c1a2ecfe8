# What the configuration asks for, without any API: `terraform test` or `tofu test`.

mock_provider "novita" {}

variables {
  network_storage_id = "st-1"
  cluster_id         = "eu-1"
  image_url          = "docker.io/novitalabs/pytorch:example"
}

run "work_is_kept_on_the_storage" {
  command = plan

  assert {
    condition     = [for it in novita_gpu_instance.notebook.network_storages : it.id] == ["st-1"]
    error_message = "The network storage is not mounted."
  }

  assert {
    condition     = novita_gpu_instance.notebook.cluster_id == "eu-1"
    error_message = "The machine is not in the storage's cluster."
  }

  assert {
    condition     = novita_gpu_instance.notebook.desired_status == "running"
    error_message = "The machine does not run unless it is told not to."
  }
}

run "it_stops_over_night" {
  command = plan

  variables {
    running = false
  }

  assert {
    condition     = novita_gpu_instance.notebook.desired_status == "stopped"
    error_message = "The machine would run all night."
  }
}

run "outputs_have_values" {
  assert {
    condition     = output.jupyter_url == novita_gpu_instance.notebook.jupyter_url
    error_message = "The output is not the notebook's address."
  }
}
