# Official templates, whose images support the tool Jupyter.
data "novita_templates" "pytorch" {
  name = "PyTorch"
}

output "pytorch" {
  description = "For `image_url` and `ports` of an instance."
  value = {
    for template in data.novita_templates.pytorch.templates :
    template.name => { image = template.image, ports = template.ports }
  }
}
