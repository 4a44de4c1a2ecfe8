# A Jupyter notebook on a GPU, with its work on a network storage: `terraform destroy` ends the costs of the
# machine, and the next `terraform apply` goes on where the last one was.
#
# The storage is made once in the console, as it should outlive all of this. The machine runs in the
# storage's cluster, where alone it can be mounted.

terraform {
  required_providers {
    novita = {
      source = "novita/novita"
    }
  }
}

# The API key is taken from the environment variable NOVITA_API_KEY.
provider "novita" {}

variable "network_storage_id" {
  description = "Identifier of the network storage, from its page in the console."
  type        = string
}

variable "cluster_id" {
  description = "Identifier of the storage's cluster."
  type        = string
}

variable "image_url" {
  description = "One of Novita's own images, which the console lists: only they bring Jupyter along."
  type        = string
}

variable "product_id" {
  description = "GPU model, processors and memory."
  type        = string
  default     = "4090.16c62g"
}

variable "running" {
  description = "Whether the machine runs. Set it to false over night: only storage is billed then."
  type        = bool
  default     = true
}

resource "novita_gpu_instance" "notebook" {
  name        = "notebook"
  product_id  = var.product_id
  cluster_id  = var.cluster_id
  gpu_num     = 1
  rootfs_size = 60
  image_url   = var.image_url

  tools = [
    { name = "Jupyter", port = 8888, type = "http" },
  ]
  ports = ["22/tcp"]

  network_storages = [
    { id = var.network_storage_id, mount_point = "/network" },
  ]

  envs = {
    HF_HOME = "/network/huggingface"
  }

  desired_status = var.running ? "running" : "stopped"

  # A large image can take long to pull.
  timeouts {
    create = "45m"
  }
}

output "jupyter_url" {
  value = novita_gpu_instance.notebook.jupyter_url
}

output "ssh_command" {
  value = novita_gpu_instance.notebook.ssh_command
}

output "hourly_price" {
  description = "USD per hour while the machine runs."
  value       = novita_gpu_instance.notebook.hourly_price
}
