"""The second factor: codes of an authenticator (RFC 6238), each taken once, and recovery codes."""

import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno

from flowloom_contracts.api import User
from flowloom_contracts.sign_in import RecoveryCodes, SecondFactor, SecondFactorBegun
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError
from gateway.domain.sign_in import WrongCodeError
from gateway.domain.tokens import token_digest
from gateway.identity_ports import KeptFactor, SecondFactorStore
from gateway.vault_ports import Place, Vault

ISSUER: Final = "Flowloom"
RECOVERY_CODES: Final = 10
CLOCKS_APART: Final = (0, -1, 1)
"""Steps of 30 s by which a phone may be late or early."""

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are misread for each other."""


class SecondFactorOnError(ConflictError):
    """There is a second factor already."""

    title = "Codes are asked for already"


class SecondFactorOffError(ConflictError):
    """There is no second factor, or none that waits to be confirmed."""

    title = "No codes are asked for"


class SecondFactors:
    """Enrols people and judges their codes."""

    def __init__(self, *, store: SecondFactorStore, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    async def describe(self, user_id: str) -> SecondFactor:
        """Return whether codes are asked for, and how many recovery codes are left."""
        kept = await self._store.get(user_id)
        if kept is None or not kept.is_confirmed:
            return SecondFactor(enabled=False, recovery_codes_left=0)
        return SecondFactor(enabled=True, recovery_codes_left=await self._store.recovery_left(user_id))

    async def begin(self, user: User) -> SecondFactorBegun:
        """Make a secret for an authenticator; it counts when a code of it has come back."""
        secret = pyotp.random_base32()
        sealed = self._vault.seal(_place(user.id), secret)
        if not await self._store.begin(user.id, sealed, now=self._clock.now()):
            raise SecondFactorOnError("Turn it off first.")
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
        picture = segno.make(uri, error="m").svg_inline(scale=4, border=4, light="#fff")
        return SecondFactorBegun(secret=secret, otpauth_uri=uri, qr_svg=picture)

    async def confirm(self, user_id: str, code: str) -> RecoveryCodes:
        """Let the factor count from now on; the recovery codes are shown only here."""
        kept = await self._store.get(user_id)
        if kept is None or kept.is_confirmed:
            raise SecondFactorOffError("Begin with it first.")
        step = self._step_of(user_id, kept, code)
        if step is None:
            raise WrongCodeError("Use the code that the authenticator shows now.")
        codes = _recovery_codes()
        digests = [token_digest(_plain(one)) for one in codes]
        if not await self._store.confirm(user_id, step, digests, now=self._clock.now()):
            raise SecondFactorOnError("It was confirmed meanwhile.")
        return RecoveryCodes(codes=codes)

    async def check(self, user_id: str, code: str) -> None:
        """Take a code or recovery code; raise WrongCodeError for a wrong one, or one that came before."""
        kept = await self._store.get(user_id)
        if kept is None or not await self._takes(user_id, kept, code):
            raise WrongCodeError("Use the code that the authenticator shows now, or a recovery code.")

    async def renew_recovery(self, user_id: str) -> RecoveryCodes:
        """Replace the recovery codes."""
        kept = await self._store.get(user_id)
        if kept is None or not kept.is_confirmed:
            raise SecondFactorOffError("Turn it on first.")
        codes = _recovery_codes()
        await self._store.put_recovery(user_id, [token_digest(_plain(one)) for one in codes])
        return RecoveryCodes(codes=codes)

    async def remove(self, user_id: str) -> None:
        """Ask for no code any more."""
        await self._store.remove(user_id)

    async def _takes(self, user_id: str, kept: KeptFactor, code: str) -> bool:
        step = self._step_of(user_id, kept, code)
        if step is not None:
            return await self._store.take_step(user_id, step)
        return await self._store.take_recovery(user_id, token_digest(_plain(code)), now=self._clock.now())

    def _step_of(self, user_id: str, kept: KeptFactor, code: str) -> int | None:
        """Return the step that a code belongs to."""
        totp = pyotp.TOTP(self._vault.open(_place(user_id), kept.sealed))
        digits, now = code.replace(" ", ""), self._step_at(totp, self._clock.now())
        for apart in CLOCKS_APART:
            if secrets.compare_digest(totp.generate_otp(now + apart).encode(), digits.encode()):
                return now + apart
        return None

    @staticmethod
    def _step_at(totp: pyotp.TOTP, at: datetime) -> int:
        return int(at.timestamp()) // totp.interval


def _place(user_id: str) -> Place:
    return Place("second_factors", "", user_id)


def _recovery_codes() -> list[str]:
    """Return codes of 60 random bits each: too many to be guessed through the throttle."""
    return ["-".join(_letters(4) for _ in range(3)) for _ in range(RECOVERY_CODES)]


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _plain(code: str) -> str:
    return "".join(character for character in code.casefold() if character.isalnum())
