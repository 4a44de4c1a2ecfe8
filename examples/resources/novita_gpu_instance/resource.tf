# One GPU with a notebook server, billed by the hour for as long as it exists.
resource "novita_gpu_instance" "notebook" {
  name        = "notebook"
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60

  image_url        = "quay.io/jupyter/pytorch-notebook:cuda12-python-3.12"
  command          = "start-notebook.py --ip=0.0.0.0 --port=8888"
  min_cuda_version = "12.4"

  # SSH, and the notebook by HTTPS at an address of its own.
  ports = ["22/tcp", "8888/http"]

  envs = {
    HF_HOME = "/workspace/huggingface"
  }

  # A large image can take long to pull.
  timeouts {
    create = "45m"
  }
}

output "notebook_ports" {
  value = novita_gpu_instance.notebook.port_mappings
}

output "ssh_command" {
  value = novita_gpu_instance.notebook.ssh_command
}
