"""The ASGI application of the gateway."""

from gateway.bootstrap import build_app
from gateway.settings import Settings

app = build_app(Settings())
