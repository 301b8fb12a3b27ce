"""Step kinds that touch the world from inside the orchestrator."""
