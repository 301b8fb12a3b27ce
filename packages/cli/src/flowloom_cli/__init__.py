"""The flowloom command and the local supervisor behind `flowloom up`."""
