"""What an identity provider's claims decide: who somebody is, and which workspaces let them in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowloom_contracts.base import JsonValue
from flowloom_servicekit.errors import ForbiddenError, NotFoundError, UnauthenticatedError, UpstreamError


class ProviderNotFoundError(NotFoundError):
    """No identity provider has this name."""

    title = "Identity provider not found"


class SignInRefusedError(UnauthenticatedError):
    """What came back from the identity provider is not the answer to what this browser asked."""

    title = "The sign-in was refused"


class NoMembershipError(ForbiddenError):
    """The provider knows the person, and no workspace lets them in."""

    title = "No workspace lets you in"


class ProviderUnwellError(UpstreamError):
    """The identity provider does not answer, or not as the standard says."""

    status = 502
    title = "The identity provider does not answer"


@dataclass(frozen=True, slots=True)
class MembershipRule:
    """Whoever has a value in a claim is a member of a workspace; the claim is text, or a list of texts."""

    claim: str
    value: str
    workspace_id: str
    role: str


def memberships(rules: Iterable[MembershipRule], claims: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return the name of the role in each workspace; of several rules for one workspace the first counts."""
    found: dict[str, str] = {}
    for rule in rules:
        held = claims.get(rule.claim)
        values = held if isinstance(held, list) else [held]
        if rule.value in values:
            found.setdefault(rule.workspace_id, rule.role)
    return found


def shown_address(claims: Mapping[str, JsonValue], *, subject: str, provider: str) -> str:
    """Return the address only if the provider has verified it; it is shown and proves nothing."""
    email = claims.get("email")
    if isinstance(email, str) and claims.get("email_verified") is True and 3 <= len(email) <= 254:
        visible = email.isprintable() and "@" in email
        if visible:
            return email
    return f"{subject[:100]}@{provider}"
