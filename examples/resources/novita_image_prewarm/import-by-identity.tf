import {
  to = novita_image_prewarm.model
  identity = {
    id = "prewarm-3f81b0c2"
  }
}
