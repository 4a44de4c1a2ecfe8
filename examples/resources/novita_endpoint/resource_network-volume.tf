# Model on a network volume
data "novita_clusters" "with_storage" {
  support_network_storage = true
}

resource "novita_network_storage" "models" {
  cluster_id = data.novita_clusters.with_storage.clusters[0].id
  name       = "models"
  size       = 200

  lifecycle {
    ignore_changes = [cluster_id]
  }
}

resource "novita_endpoint" "captions" {
  name        = "captions"
  product_ids = ["SL-serverless-3"]

  # All workers run in the cluster of the storage and share it.
  cluster_id = novita_network_storage.models.cluster_id
  volume_mounts = [
    { type = "local", size = 30, mount_path = "/workspace" },
    { type = "network", id = novita_network_storage.models.id, mount_path = "/network" },
  ]

  image = {
    image   = "docker.io/acme/captions:1.2"
    command = "python serve.py --port 8000 --models /network"
  }

  port    = 8000
  healthy = { path = "/health" }

  worker_config = {
    min_num        = 0
    max_num        = 2
    free_timeout   = 300
    max_concurrent = 4
    gpu_num        = 1
  }

  policy = {
    type  = "queue"
    value = 30
  }
}
