import {
  to = novita_template.trainer
  identity = {
    id = "tpl-58b1e0"
  }
}
