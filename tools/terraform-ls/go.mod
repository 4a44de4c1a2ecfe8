module terraform-ls-tool

go 1.26.0

require github.com/hashicorp/terraform-ls v0.39.0
