"""What the orchestrator needs from outside, one file per need."""
