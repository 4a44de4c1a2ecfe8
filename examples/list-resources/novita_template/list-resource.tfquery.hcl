# The account's private templates.
list "novita_template" "mine" {
  provider = novita

  config {
    name_prefix = "train"
  }
}
