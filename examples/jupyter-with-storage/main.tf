# A Jupyter notebook on a GPU, with its work on a network storage: stop the instance at night, or destroy it alone, and
# continue later. Nothing has to be created in the console.

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

variable "product_id" {
  description = "ID of the product, from the data source novita_gpu_products."
  type        = string
  default     = "4090.16c62g"
}

variable "cluster_id" {
  description = "ID of the cluster. If omitted, the first one with network storage."
  type        = string
  default     = null
}

variable "image_url" {
  description = "Official image: only those support the tool Jupyter. If omitted, the one of the template PyTorch."
  type        = string
  default     = null
}

variable "storage_size" {
  description = "Size of the network storage in GB."
  type        = number
  default     = 100
}

variable "protect_storage" {
  description = "Refuse to destroy the storage with the work."
  type        = bool
  default     = true
}

variable "running" {
  description = "Set to false at night: only storage is billed then."
  type        = bool
  default     = true
}

# A storage can be mounted only in its own cluster, so choose one that has storage.
data "novita_clusters" "with_storage" {
  support_network_storage = true
}

data "novita_templates" "pytorch" {
  channel = ["official"]
  name    = "PyTorch"
}

resource "novita_network_storage" "work" {
  cluster_id          = coalesce(var.cluster_id, try(data.novita_clusters.with_storage.clusters[0].id, null))
  name                = "notebook-work"
  size                = var.storage_size
  deletion_protection = var.protect_storage

  # A different first cluster would replace the storage, and delete its data.
  lifecycle {
    ignore_changes = [cluster_id]
  }
}

resource "novita_gpu_instance" "notebook" {
  name        = "notebook"
  product_id  = var.product_id
  cluster_id  = novita_network_storage.work.cluster_id
  gpu_num     = 1
  rootfs_size = 60
  image_url   = coalesce(var.image_url, try(data.novita_templates.pytorch.templates[0].image, null))

  tools = [
    { name = "Jupyter", port = 8888, type = "http" },
  ]
  ports = ["22/tcp"]

  network_storages = [
    { id = novita_network_storage.work.id, mount_point = "/network" },
  ]

  envs = {
    HF_HOME = "/network/huggingface"
  }

  desired_status = var.running ? "running" : "stopped"

  # A newer official image would recreate the container.
  lifecycle {
    ignore_changes = [image_url]
  }

  # Pulling a large image can take long.
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
  description = "USD per hour while the instance is running."
  value       = novita_gpu_instance.notebook.hourly_price
}
