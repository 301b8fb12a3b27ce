"""Backups: take one, prove that it restores, restore it, keep the last few."""
