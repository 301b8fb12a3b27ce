"""Runs workflows durably; the only writer of run state."""
