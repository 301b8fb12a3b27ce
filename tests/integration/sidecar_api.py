"""The sidecar's own interface as a hijacked application would use it: with its token, by hand."""

from dataclasses import dataclass

from tests.integration.stack import Stack
from tests.security.raw_http import Reply, exchange

HOST = "127.0.0.1"


@dataclass(frozen=True)
class SidecarApi:
    """Speaks to the sidecar of one app-id; the path goes out as it is written, which no client would do."""

    stack: Stack
    app_id: str

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: str = "",
        token: str | None = None,
        content: str = "application/json",
    ) -> Reply:
        """Send one request; `token` replaces the right one, empty sends none."""
        shown = self.stack.secrets.dapr_api_tokens[self.app_id] if token is None else token
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"Content-Type: {content}", f"Content-Length: {len(body.encode())}"]
        lines += [f"dapr-api-token: {shown}"] if shown else []
        text = "\r\n".join([*lines, "", body])
        port = self.stack.platform.topology.dapr_http(self.app_id)
        return await exchange(HOST, port, text.encode(), limit_s=20)
