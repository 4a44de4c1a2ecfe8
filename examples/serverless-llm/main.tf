# A language model behind an address that speaks OpenAI's protocol. Workers start when requests wait in the
# queue and end when none come, so that nobody pays for an idle GPU.

terraform {
  required_providers {
    novita = {
      source = "novita/novita"
    }
  }
}

# The API key is taken from the environment variable NOVITA_API_KEY.
provider "novita" {}

variable "model" {
  description = "Model on Hugging Face. It has to fit into the GPU's memory."
  type        = string
  default     = "Qwen/Qwen2.5-7B-Instruct"
}

variable "product_id" {
  description = "Serverless product, from the console."
  type        = string
  default     = "SL-serverless-3"
}

variable "most_workers" {
  description = "Workers at the same time, at most. Each is billed by the second while it runs."
  type        = number
  default     = 2
}

variable "longest_wait" {
  description = "Seconds that a request may wait before one more worker starts."
  type        = number
  default     = 30
}

variable "hugging_face_token" {
  description = "Token for models that are not open to everybody."
  type        = string
  default     = null
  sensitive   = true
}

resource "novita_endpoint" "llm" {
  name        = "llm"
  product_ids = [var.product_id]

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
    max_num         = var.most_workers
    free_timeout    = 300
    max_concurrent  = 16
    gpu_num         = 1
    request_timeout = 300
  }

  policy = {
    type  = "queue"
    value = var.longest_wait
  }

  volume_mounts = [
    { type = "local", size = 30, mount_path = "/workspace" },
  ]

  envs = {
    HF_HOME = "/workspace/huggingface"
  }

  secret_envs = var.hugging_face_token == null ? null : {
    HF_TOKEN = var.hugging_face_token
  }
}

output "base_url" {
  description = "For clients of OpenAI's protocol."
  value       = "${novita_endpoint.llm.url}/v1"
}
