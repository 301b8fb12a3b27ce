"""Writes what watches the platform into `monitoring/`: dashboards, rules and the tests of the rules."""
