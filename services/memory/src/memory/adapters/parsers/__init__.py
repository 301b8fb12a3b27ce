"""Readers of documents; they run in a process of their own, never in the service's."""
