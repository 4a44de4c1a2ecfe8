# Language model with vLLM
variable "llm_api_key" {
  description = "Key that clients of the model must send. Set it as TF_VAR_llm_api_key."
  type        = string
  sensitive   = true
}

data "novita_endpoint_products" "large" {
  gpu_name = "4090"
}

resource "novita_endpoint" "llm" {
  name        = "llm"
  product_ids = [data.novita_endpoint_products.large.products[0].id]

  image = {
    image   = "docker.io/vllm/vllm-openai:v0.8.5"
    command = "--model Qwen/Qwen2.5-7B-Instruct --port 8000 --max-model-len 8192"
  }

  port    = 8000
  healthy = { path = "/health" }

  worker_config = {
    min_num         = 0
    max_num         = 2
    free_timeout    = 300
    max_concurrent  = 16
    gpu_num         = 1
    request_timeout = 300
  }

  policy = {
    type  = "queue"
    value = 30
  }

  volume_mounts = [
    { type = "local", size = 30, mount_path = "/workspace" },
  ]

  envs = {
    HF_HOME = "/workspace/huggingface"
  }

  # vLLM refuses requests without this key: `Authorization: Bearer …`.
  secret_envs = {
    VLLM_API_KEY = var.llm_api_key
  }

  # A cheaper product would replace the endpoint.
  lifecycle {
    ignore_changes = [product_ids]
  }
}

output "openai_base_url" {
  value = "${novita_endpoint.llm.url}/v1"
}
