import {
  to = novita_image_prewarm.model
  id = "prewarm-3f81b0c2"
}
