"""The randomness that spreads retries."""

from random import random


def jitter() -> float:
    """Return a number from 0 to 1."""
    return random()  # noqa: S311 - spreads retries over time, guards nothing
