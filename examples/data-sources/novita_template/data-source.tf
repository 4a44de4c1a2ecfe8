# One of the vendor's own templates, by the id that the console shows.
data "novita_template" "pytorch" {
  id = "tpl-1001"
}

output "pytorch_image" {
  value = data.novita_template.pytorch.image
}
