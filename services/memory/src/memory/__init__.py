"""Stores and searches text by meaning."""
