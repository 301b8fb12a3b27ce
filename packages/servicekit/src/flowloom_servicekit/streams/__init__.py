"""Live streams: one dense, ordered log per run or chat in Redis, written by script and read by cursor."""
