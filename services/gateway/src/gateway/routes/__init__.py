"""HTTP in: parse, call one use case, return a contract."""
