# Image captions without idle costs
resource "novita_endpoint" "images" {
  name        = "image-captions"
  product_ids = ["SL-serverless-3"] # from the data source novita_endpoint_products

  image = {
    image   = "docker.io/acme/captions:1.2"
    command = "python serve.py --port 8000"
  }

  port = 8000
  healthy = {
    path = "/health"
  }

  # No worker runs while there are no requests for five minutes.
  worker_config = {
    min_num        = 0
    max_num        = 2
    free_timeout   = 300
    max_concurrent = 4
    gpu_num        = 1
  }

  # Another worker starts above eight requests.
  policy = {
    type  = "concurrency"
    value = 8
  }

  volume_mounts = [
    { type = "local", size = 30, mount_path = "/workspace" },
  ]

  envs = {
    MODEL_CACHE = "/workspace/models"
  }
}

output "captions_url" {
  value = novita_endpoint.images.url
}
