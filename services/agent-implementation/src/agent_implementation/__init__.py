"""The implementation agent."""
