"""The kinds that only compute: one module per type, found by its name."""
