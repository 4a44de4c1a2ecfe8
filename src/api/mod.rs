//! Being a client of a vendor's HTTP API. No Terraform word in here.
