# The configuration of `make demo`: one GPU instance in the mock cloud.
# The script gives the address and the key of the mock in NOVITA_BASE_URL and NOVITA_API_KEY.

terraform {
  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

provider "novita" {
  poll_interval = "200ms"
}

variable "image_url" {
  description = "Image that the instance runs."
  type        = string
  default     = "docker.io/acme/trainer:1.4"
}

variable "rootfs_size" {
  description = "Size of the root disk in GB."
  type        = number
  default     = 60
}

resource "novita_gpu_instance" "trainer" {
  name        = "demo-trainer"
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = var.rootfs_size
  image_url   = var.image_url

  ports = ["22/tcp", "8080/http"]

  envs = {
    MODE = "train"
  }

  secret_envs = {
    TOKEN = "not shown in any plan"
  }
}

output "id" {
  value = novita_gpu_instance.trainer.id
}

output "status" {
  value = novita_gpu_instance.trainer.status
}

output "ssh_command" {
  value = novita_gpu_instance.trainer.ssh_command
}
