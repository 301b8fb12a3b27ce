"""The only importers of Dapr: typed adapters to the sidecar beside this process."""
