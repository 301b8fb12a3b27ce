"""`python -m gateway.openapi_export [FILE]`: write the public interface as OpenAPI 3.1."""

import json
import sys
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from gateway.bootstrap import build_app
from gateway.settings import Settings

COMMITTED: Final = Path(__file__).parents[2] / "openapi.json"


def openapi_text() -> str:
    """Return the committed form: sorted, one line each, so that a change is a readable difference."""
    nothing = SecretStr("only-the-shape-is-read")
    settings = Settings(
        database_url=SecretStr("postgresql+asyncpg://127.0.0.1/none"),
        redis_url=SecretStr("redis://127.0.0.1/0"),
        dapr_api_token=nothing,
        app_api_token=nothing,
    )
    return json.dumps(build_app(settings).openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it to the file named, or to the committed one."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else COMMITTED
    target.write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
