terraform {
  required_providers {
    mycloud = { source = "example/mycloud" }
  }
}

provider "mycloud" {
  folder = path.module
}

resource "mycloud_server" "web" {
  name    = "web.txt"
  content = "Hello."
}
