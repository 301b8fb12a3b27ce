"""Workflows of other programs, read and never run: what has a counterpart becomes steps, the rest a list."""
