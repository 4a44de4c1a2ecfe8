import {
  to = novita_endpoint.images
  id = "ep-7d20c4"
}
