"""Tests that need several processes or look at the whole repository."""
