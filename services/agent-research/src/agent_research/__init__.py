"""The research agent."""
