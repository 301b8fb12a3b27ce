"""What the orchestrator can be asked to do, one file per use case."""
