# A language model with an OpenAI-compatible API. Workers start when requests wait in the queue and end when there are none, so
# an idle endpoint costs nothing.

terraform {
  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

# The API key is taken from the environment variable NOVITA_API_KEY.
provider "novita" {}

variable "model" {
  description = "Model on Hugging Face. It must fit into the memory of the GPU."
  type        = string
  default     = "Qwen/Qwen2.5-7B-Instruct"
}

variable "product_id" {
  description = "ID of the product. If omitted, the cheapest one with the GPU model."
  type        = string
  default     = null
}

variable "gpu_name" {
  description = "Part of the name of the GPU model."
  type        = string
  default     = "4090"
}

variable "max_workers" {
  description = "Maximum number of workers. Running workers are billed by the second."
  type        = number
  default     = 2
}

variable "max_wait" {
  description = "Seconds that a request waits before another worker starts."
  type        = number
  default     = 30
}

variable "hugging_face_token" {
  description = "Token for models that require one."
  type        = string
  default     = null
  sensitive   = true
}

variable "api_key" {
  description = "Key that clients of the model must send. If omitted, everyone who knows the address can use the model."
  type        = string
  default     = null
  sensitive   = true
}

# Cheapest first.
data "novita_endpoint_products" "suitable" {
  gpu_name = var.gpu_name
}

resource "novita_endpoint" "llm" {
  name        = "llm"
  product_ids = [coalesce(var.product_id, try(data.novita_endpoint_products.suitable.products[0].id, null))]

  image = {
    image   = "docker.io/vllm/vllm-openai:v0.8.5"
    command = "--model ${var.model} --port 8000 --max-model-len 8192"
  }

  port = 8000
  healthy = {
    path = "/health"
  }

  worker_config = {
    min_num         = 0
    max_num         = var.max_workers
    free_timeout    = 300
    max_concurrent  = 16
    gpu_num         = 1
    request_timeout = 300
  }

  policy = {
    type  = "queue"
    value = var.max_wait
  }

  volume_mounts = [
    { type = "local", size = 30, mount_path = "/workspace" },
  ]

  envs = {
    HF_HOME = "/workspace/huggingface"
  }

  # vLLM refuses requests without VLLM_API_KEY: `Authorization: Bearer …`.
  secret_envs = length(local.secrets) == 0 ? null : local.secrets

  # A cheaper product would replace the endpoint.
  lifecycle {
    ignore_changes = [product_ids]
  }
}

locals {
  secrets = { for name, value in { HF_TOKEN = var.hugging_face_token, VLLM_API_KEY = var.api_key } : name => value if value != null }
}

output "base_url" {
  description = "Base URL for OpenAI-compatible clients."
  value       = "${novita_endpoint.llm.url}/v1"
}
