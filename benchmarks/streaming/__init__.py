"""How late a token is."""
