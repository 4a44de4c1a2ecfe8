# Persistent storage and a stop at night
variable "running" {
  description = "Set to false at night: only storage is billed then."
  type        = bool
  default     = true
}

data "novita_clusters" "with_storage" {
  support_network_storage = true
}

resource "novita_network_storage" "work" {
  cluster_id = data.novita_clusters.with_storage.clusters[0].id
  name       = "work"
  size       = 100

  # A different first cluster would replace the storage, and delete its data.
  lifecycle {
    ignore_changes = [cluster_id]
  }
}

resource "novita_gpu_instance" "trainer" {
  product_id  = "4090.16c62g"
  cluster_id  = novita_network_storage.work.cluster_id
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/acme/trainer:1.4"

  # Only data on a network storage is guaranteed to survive a stop.
  network_storages = [
    { id = novita_network_storage.work.id, mount_point = "/network" },
  ]

  desired_status = var.running ? "running" : "stopped"
}
