# An instance whose container is saved as an image before the instance is destroyed. Terraform 1.16 or newer.

terraform {
  required_version = ">= 1.16"

  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

provider "novita" {}

variable "image_url" {
  description = "Initial image; later the saved one."
  type        = string
  default     = "docker.io/acme/trainer:1.4"
}

variable "kept_image" {
  description = "Image to push, with a tag that identifies it."
  type        = string
  default     = "ghcr.io/acme/trainer:kept"
}

variable "registry_auth_id" {
  description = "ID of the registry login (novita_registry_auth)."
  type        = string
  default     = "auth-9f21"
}

# Stop the instance before you destroy it: data that is being written may be missing in the image.
variable "running" {
  description = "Set to false to stop the instance."
  type        = bool
  default     = true
}

resource "novita_gpu_instance" "trainer" {
  product_id     = "4090.16c62g"
  gpu_num        = 1
  rootfs_size    = 60
  image_url      = var.image_url
  desired_status = var.running ? "running" : "stopped"

  lifecycle {
    # If the image cannot be saved, the instance is kept; but `terraform destroy` only warns and continues.
    action_trigger {
      events  = [before_destroy]
      actions = [action.novita_save_image.kept]
    }
  }
}

# Before a destroy, only `caller.id` is available.
action "novita_save_image" "kept" {
  config {
    instance_id      = caller.id
    image            = var.kept_image
    registry_auth_id = var.registry_auth_id
  }
}
