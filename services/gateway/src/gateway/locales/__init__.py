"""Texts that the server shows to people, by language."""
