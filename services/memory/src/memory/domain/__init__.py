"""Pure decisions of the memory service."""
