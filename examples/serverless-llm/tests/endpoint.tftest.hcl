# What the configuration contains, without any API: `terraform test` or `tofu test`.

mock_provider "novita" {
  mock_resource "novita_endpoint" {
    defaults = {
      url = "https://llm.example.net"
    }
  }
}

# A mocked data source returns empty lists.
variables {
  product_id = "SL-serverless-3"
}

run "nobody_pays_for_an_idle_gpu" {
  command = plan

  assert {
    condition     = novita_endpoint.llm.worker_config.min_num == 0
    error_message = "A worker would run without requests."
  }

  assert {
    condition     = novita_endpoint.llm.secret_envs == null
    error_message = "There is a secret although no token was given."
  }
}

run "the_model_can_be_chosen" {
  command = plan

  variables {
    model       = "example/tiny"
    max_workers = 1
  }

  assert {
    condition     = strcontains(novita_endpoint.llm.image.command, "--model example/tiny ")
    error_message = "Another model is served: ${novita_endpoint.llm.image.command}"
  }

  assert {
    condition     = novita_endpoint.llm.worker_config.max_num == 1
    error_message = "There would be more workers than allowed."
  }
}

run "clients_get_the_address" {
  assert {
    condition     = output.base_url == "https://llm.example.net/v1"
    error_message = "The base URL is ${output.base_url}"
  }
}
