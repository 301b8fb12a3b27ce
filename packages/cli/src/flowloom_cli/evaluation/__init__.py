"""Workflows over a dataset of cases, run on a platform from here."""
