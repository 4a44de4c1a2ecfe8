import {
  to = novita_network_storage.data
  id = "st-0c9e3a71"
}
