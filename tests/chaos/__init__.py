"""Faults, done on purpose and at random, and what must hold after each of them."""
