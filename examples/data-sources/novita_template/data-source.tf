# An official template, by its ID in the console.
data "novita_template" "pytorch" {
  id = "tpl-1001"
}

output "pytorch_image" {
  value = data.novita_template.pytorch.image
}
