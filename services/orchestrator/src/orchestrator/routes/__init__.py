"""What the gateway and the agents ask over the sidecar, one file per group."""
