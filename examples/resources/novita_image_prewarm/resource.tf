# Pull an image to the nodes of a cluster before instances use it.
data "novita_clusters" "all" {}

resource "novita_image_prewarm" "model" {
  image_url  = "docker.io/vllm/vllm-openai:v0.8.5"
  cluster_id = data.novita_clusters.all.clusters[0].id
  note       = "for the endpoint"
}

output "model_size" {
  description = "Size of the image in bytes."
  value       = novita_image_prewarm.model.image_size_bytes
}
