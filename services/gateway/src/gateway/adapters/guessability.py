"""How many guesses a password withstands, by zxcvbn with its lists of common passwords, names and words."""

import asyncio
from collections.abc import Collection

from zxcvbn import zxcvbn

MAX_JUDGED: int = 72
"""What stands behind can only make it harder."""


class ZxcvbnGuesses:
    """PasswordJudge; it takes some milliseconds, so it runs beside the event loop."""

    async def guesses_log10(self, password: str, words: Collection[str]) -> float:
        """Return the power of ten of the guesses, for who knows these words about the person."""
        found = await asyncio.to_thread(zxcvbn, password[:MAX_JUDGED], list(words))
        return float(found["guesses_log10"])
