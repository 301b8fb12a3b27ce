"""Says how code steps are isolated here: `python -m flowloom_sandboxkit` prints one JSON object."""

import asyncio
import json
import sys
from dataclasses import asdict

from flowloom_sandboxkit.runner import CodeRunner


async def _isolation() -> str:
    async with CodeRunner() as runner:
        return json.dumps(asdict(runner.isolation))


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(_isolation()) + "\n")
