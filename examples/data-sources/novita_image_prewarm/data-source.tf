# An existing image prewarm, by its ID.
data "novita_image_prewarm" "model" {
  id = "prewarm-3f81b0c2"
}

output "model_status" {
  description = "`Succeeded` once the image is there."
  value       = data.novita_image_prewarm.model.status
}
