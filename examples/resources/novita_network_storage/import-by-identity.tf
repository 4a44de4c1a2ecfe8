import {
  to = novita_network_storage.data
  identity = {
    id = "st-0c9e3a71"
  }
}
