"""TLS as a client that verifies: the name and the authority, always."""

import ssl
from functools import cache

import certifi


@cache
def verifying_context() -> ssl.SSLContext:
    """Return the context of a client that verifies: the system's authorities, else those of `certifi`."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not any(_system_authorities()):
        context.load_verify_locations(certifi.where())
    return context


def _system_authorities() -> tuple[str | None, str | None]:
    paths = ssl.get_default_verify_paths()
    return paths.cafile, paths.capath
