"""Fakes of the ports of the memory service."""
