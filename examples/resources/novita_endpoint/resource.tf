# An endpoint that costs nothing until someone asks: without requests for five minutes the last worker ends.
resource "novita_endpoint" "images" {
  name        = "image-captions"
  product_ids = ["SL-serverless-3"]

  image = {
    image   = "docker.io/acme/captions:1.2"
    command = "python serve.py --port 8000"
  }

  port = 8000
  healthy = {
    path = "/health"
  }

  worker_config = {
    min_num        = 0
    max_num        = 2
    free_timeout   = 300
    max_concurrent = 4
    gpu_num        = 1
  }

  # One more worker for every eight requests that wait.
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
