"""Search by vectors and words: quality and speed."""
