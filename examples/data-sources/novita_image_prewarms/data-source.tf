# The images that the nodes of a cluster have pulled.
data "novita_image_prewarms" "ready" {
  cluster_id = "7"
  status     = "Succeeded"
}

output "images" {
  value = data.novita_image_prewarms.ready.image_prewarms[*].image_url
}
