# Every serverless endpoint of the account, with all of its attributes.
list "novita_endpoint" "all" {
  provider         = novita
  include_resource = true
  limit            = 1000
}
