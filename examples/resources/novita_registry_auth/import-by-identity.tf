import {
  to = novita_registry_auth.ghcr
  identity = {
    id = "auth-5d20c4f1"
  }
}
