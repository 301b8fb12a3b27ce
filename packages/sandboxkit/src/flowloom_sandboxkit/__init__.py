"""Runs untrusted Python of the code step: a pool of confined worker processes."""
