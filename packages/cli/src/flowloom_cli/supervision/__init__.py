"""A small process supervisor: start by readiness, restart with back-off, stop in reverse order."""
