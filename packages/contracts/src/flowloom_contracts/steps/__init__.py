"""One file per step type: what a person writes for it."""
