"""Drives the interpreter in memory; production code never imports it."""
