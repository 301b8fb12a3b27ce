// Command daprd is the Dapr sidecar with the name resolvers that one machine and Compose need.
//
// The stable component set leaves out the sqlite and nameformat resolvers, so they are registered here
// before the runtime starts.
package main

import (
	"github.com/dapr/components-contrib/nameresolution/nameformat"
	"github.com/dapr/components-contrib/nameresolution/sqlite"
	"github.com/dapr/dapr/cmd/daprd/app"
	nameresolutionloader "github.com/dapr/dapr/pkg/components/nameresolution"
)

func main() {
	nameresolutionloader.DefaultRegistry.RegisterComponent(sqlite.NewResolver, "sqlite")
	nameresolutionloader.DefaultRegistry.RegisterComponent(nameformat.NewResolver, "nameformat")
	app.Run()
}
