"""The sealed process that reads one table, asks it and draws it; nothing else touches a table's bytes."""
