"""Fakes of the orchestrator's ports."""
