# Official image with Jupyter
data "novita_templates" "pytorch" {
  channel = ["official"]
  name    = "PyTorch"
}

resource "novita_gpu_instance" "pytorch" {
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = data.novita_templates.pytorch.templates[0].image

  # Only official images support tools.
  tools = [
    { name = "Jupyter", port = 8888, type = "http" },
  ]

  # A newer official image would recreate the container.
  lifecycle {
    ignore_changes = [image_url]
  }
}

output "jupyter_url" {
  value = novita_gpu_instance.pytorch.jupyter_url
}
