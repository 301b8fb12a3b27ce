"""Workflows over a dataset of cases: scored, compared between versions, and reported."""
