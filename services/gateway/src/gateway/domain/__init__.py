"""Decisions of the gateway that touch nothing outside."""
