"""Other products, driven as they recommend, beside a platform and in the same run."""
