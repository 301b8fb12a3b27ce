"""Real sidecars, stores and services against a mock model."""
