"""The file in which an operator names identity providers."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from flowloom_contracts.roles import ROLE_NAME
from flowloom_servicekit.ids import is_id
from gateway.domain.origins import is_loopback
from gateway.domain.providers import MembershipRule

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
]


class ProviderFileError(Exception):
    """The file of identity providers is missing or wrong: the process does not start."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GivenMembership(_Part):
    """Whoever has `value` in `claim` has `role` in a workspace; nobody becomes an owner by a claim.

    The role is one of every workspace or one that this workspace has made; while it has none of the name,
    the claim gives nothing.
    """

    claim: str = Field(min_length=1, max_length=100)
    value: str = Field(min_length=1, max_length=200)
    workspace_id: str
    role: str = Field(pattern=ROLE_NAME)

    @field_validator("workspace_id")
    @classmethod
    def _is_id(cls, value: str) -> str:
        if not is_id(value):
            raise ValueError("is not the id of a workspace")
        return value

    @field_validator("role")
    @classmethod
    def _is_no_owner(cls, value: str) -> str:
        if value == "owner":
            raise ValueError("cannot be owner")
        return value

    @property
    def rule(self) -> MembershipRule:
        """The same as the domain knows it."""
        return MembershipRule(self.claim, self.value, self.workspace_id, self.role)


class GivenProvider(_Part):
    """One provider; the client is registered there with `<public_url>/v1/auth/oidc/<id>/callback`."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    title: str = Field(min_length=1, max_length=80)
    issuer: str
    client_id: str = Field(min_length=1, max_length=255)
    client_secret: SecretStr | None = Field(default=None, min_length=8)
    scopes: list[str] = ["openid", "email", "profile"]
    algorithms: list[Algorithm] = Field(default=["RS256", "ES256", "PS256"], min_length=1)
    memberships: list[GivenMembership] = []

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        parts = urlsplit(value)
        encrypted = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(value))
        if not encrypted or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an issuer is an https address without query (http only on this machine)")
        return value

    @model_validator(mode="after")
    def _asks_for_identity(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("scopes must contain openid")
        return self


class ProviderFile(_Part):
    """The whole file."""

    providers: list[GivenProvider]

    @model_validator(mode="after")
    def _has_different_ids(self) -> Self:
        if len({provider.id for provider in self.providers}) < len(self.providers):
            raise ValueError("two providers have the same id")
        return self


def read_providers(path: Path | None) -> list[GivenProvider]:
    """Return the providers of a JSON file, none without a file; raise ProviderFileError with the place."""
    if path is None:
        return []
    try:
        return ProviderFile.model_validate_json(path.read_bytes()).providers
    except OSError as error:
        raise ProviderFileError(f"{path} cannot be read") from error
    except ValidationError as error:
        raise ProviderFileError(f"{path}: {error}") from error
