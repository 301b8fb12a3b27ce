"""What can go wrong between a run's state and what happens to it."""


class IllegalTransitionError(Exception):
    """An event does not fit the state: it came twice, too late, or for another attempt."""
