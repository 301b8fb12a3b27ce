"""The baseline: a Dapr Workflow of empty activities and nothing else, with a sidecar of its own."""
