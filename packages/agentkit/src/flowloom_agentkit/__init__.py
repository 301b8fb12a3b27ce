"""Turns agent.yaml and tools into a service."""
