// The Go peer that `make bench` measures the provider against: what a competent provider for the same
// API looks like on HashiCorp's plugin framework.
//
// One resource, `novita_gpu_instance`, with the whole schema and life cycle. It leaves out the other
// resources, all data sources, the catalogue (so `hourly_price` is a constant for each GPU, and
// `max_hourly_price` limits nothing), candidates after the first one (so `capacity_timeout` waits for
// none), the search for what a create call without an answer may have made, and the calls about billing
// and migration.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"terraform-provider-novita/internal/provider"
)

const (
	address = "registry.terraform.io/novita/novita"
	version = "0.1.0"
)

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger and print TF_REATTACH_PROVIDERS")
	flag.Parse()
	options := providerserver.ServeOpts{Address: address, Debug: *debug, ProtocolVersion: 6}
	if err := providerserver.Serve(context.Background(), provider.New(version), options); err != nil {
		log.Fatal(err)
	}
}
