import {
  to = novita_network.lab
  id = "vpc-83aa41d2"
}
