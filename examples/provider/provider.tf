terraform {
  required_providers {
    novita = {
      source = "novita/novita"
    }
  }
}

# The API key is taken from the environment variable NOVITA_API_KEY.
provider "novita" {}
