"""Tokens that travel in a link once: 256 random bits, of which a digest is kept."""

import hashlib


def token_digest(token: str) -> bytes:
    """Return what is kept of a token; so many random bits need no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
