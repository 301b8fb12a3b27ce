"""How fast runs and steps go, and what the idle platform weighs."""
