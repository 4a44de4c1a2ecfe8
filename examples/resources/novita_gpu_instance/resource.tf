# Notebook with a token
variable "notebook_token" {
  description = "Token that the notebook requires. Set it as TF_VAR_notebook_token."
  type        = string
  sensitive   = true
}

resource "novita_gpu_instance" "notebook" {
  name        = "notebook"
  product_id  = "4090.16c62g" # from the data source novita_gpu_products
  gpu_num     = 1
  rootfs_size = 60

  image_url        = "quay.io/jupyter/pytorch-notebook:cuda12-python-3.12"
  command          = "start-notebook.py --ip=0.0.0.0 --port=8888"
  min_cuda_version = "12.4"

  # SSH, and the notebook by HTTPS.
  ports = ["22/tcp", "8888/http"]

  # Everyone who knows the address can reach an open port, so the notebook requires a token.
  secret_envs = {
    JUPYTER_TOKEN = var.notebook_token
  }

  # Pulling a large image can take long.
  timeouts {
    create = "45m"
  }
}

output "notebook_url" {
  value = one([for it in novita_gpu_instance.notebook.port_mappings : it.endpoint if it.port == 8888])
}

output "ssh_command" {
  value = novita_gpu_instance.notebook.ssh_command
}
