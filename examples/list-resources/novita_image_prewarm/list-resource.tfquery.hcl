# The tasks that have failed.
list "novita_image_prewarm" "failed" {
  provider = novita

  config {
    status = "Failed"
  }
}
