"""Fakes of the shared ports, for tests only."""
