"""The analysis agent."""
