# What the configuration contains, without any API: `terraform test` or `tofu test`.

mock_provider "novita" {}

# A mocked data source returns empty lists.
variables {
  cluster_id      = "eu-1"
  image_url       = "docker.io/novitalabs/pytorch:example"
  protect_storage = false
}

run "work_is_on_the_storage" {
  command = plan

  assert {
    condition     = novita_gpu_instance.notebook.cluster_id == "eu-1"
    error_message = "The instance is not in the cluster of the storage."
  }

  assert {
    condition     = novita_gpu_instance.notebook.image_url == "docker.io/novitalabs/pytorch:example"
    error_message = "The image is not the official one."
  }

  assert {
    condition     = novita_gpu_instance.notebook.desired_status == "running"
    error_message = "The instance is not running by default."
  }
}

run "it_stops_at_night" {
  command = plan

  variables {
    running = false
  }

  assert {
    condition     = novita_gpu_instance.notebook.desired_status == "stopped"
    error_message = "The instance would run all night."
  }
}

run "outputs_have_values" {
  assert {
    condition     = output.jupyter_url == novita_gpu_instance.notebook.jupyter_url
    error_message = "The output is not the address of the notebook."
  }

  assert {
    condition     = [for it in novita_gpu_instance.notebook.network_storages : it.id] == [novita_network_storage.work.id]
    error_message = "The network storage is not mounted."
  }
}
