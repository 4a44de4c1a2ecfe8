import {
  to = novita_network.lab
  identity = {
    id = "vpc-83aa41d2"
  }
}
