"""What an index of vectors finds and costs, measured on the platform's own collections."""
