import {
  to = novita_endpoint.images
  identity = {
    id = "ep-7d20c4"
  }
}
