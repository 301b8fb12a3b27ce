"""From a password that somebody chose to the hash that is kept."""

from collections.abc import Collection
from typing import Protocol

from gateway.domain.passwords import check_form, check_guesses, words_about
from gateway.ports import PasswordHasher


class PasswordJudge(Protocol):
    """Estimates how hard a password is to guess."""

    async def guesses_log10(self, password: str, words: Collection[str]) -> float:
        """Return the power of ten of the guesses, for who knows these words about the person."""


class NewPasswords:
    """The one way to a hash: every new password meets the same rules."""

    def __init__(self, *, judge: PasswordJudge, hasher: PasswordHasher) -> None:
        self._judge = judge
        self._hasher = hasher

    async def hashed(self, password: str, *about: str, field: str = "password") -> str:
        """Return the hash; raise InvalidRequestError for a password that is not acceptable.

        `about` is what is known of the person: address, name of the workspace.
        """
        words = words_about(*about)
        check_form(password, words, field=field)
        check_guesses(await self._judge.guesses_log10(password, words), field=field)
        return await self._hasher.hash(password)
