"""Attacks that have to fail, numbered as in the security design (S01 to S75)."""
