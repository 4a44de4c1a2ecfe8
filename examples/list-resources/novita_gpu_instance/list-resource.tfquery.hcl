# Every GPU instance of the account, in a state or not.
list "novita_gpu_instance" "all" {
  provider = novita
  limit    = 1000
}

# Spot instances with generated names, with all attributes.
list "novita_gpu_instance" "unnamed_spot" {
  provider         = novita
  include_resource = true

  config {
    name_prefix  = "tf-"
    billing_mode = "spot"
  }
}
