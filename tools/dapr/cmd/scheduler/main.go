// Command scheduler is Dapr's scheduler service, built from the version that go.mod pins.
package main

import "github.com/dapr/dapr/cmd/scheduler/app"

func main() {
	app.Run()
}
