"""What the memory service can be asked to do, one file for each thing."""
