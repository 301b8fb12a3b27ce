"""One file per outside thing of the memory service."""
