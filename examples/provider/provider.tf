terraform {
  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

# The API keys are taken from the environment: NOVITA_API_KEY for resources of Novita AI, NOVACLOUD_API_KEY
# for those of Nova Cloud. Only the one that is needed has to be there.
provider "novita" {}
