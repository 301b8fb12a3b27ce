"""Speed, load and memory of the whole platform, measured by ids of the quality design."""
