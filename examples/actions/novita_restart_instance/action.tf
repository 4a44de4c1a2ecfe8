# By hand: terraform apply -invoke=action.novita_restart_instance.trainer
action "novita_restart_instance" "trainer" {
  config {
    instance_id = novita_gpu_instance.trainer.id
    timeout     = "20m"
  }
}

resource "novita_gpu_instance" "trainer" {
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/acme/trainer:1.4"
}

variable "data_version" {
  description = "Raise it when the trainer has to read its data again."
  type        = number
  default     = 1
}

# And whenever the number changes.
resource "terraform_data" "data_version" {
  input = var.data_version

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.novita_restart_instance.trainer]
    }
  }
}
