"""Which platform the command talks to, and as whom."""

from dataclasses import dataclass

from flowloom_cli.errors import UsageError
from flowloom_cli.owner import read_owner
from flowloom_cli.settings import Settings


@dataclass(frozen=True)
class Credentials:
    """Address of a gateway and an API key for it."""

    base_url: str
    api_key: str


def find(settings: Settings, *, url: str | None, key: str | None) -> Credentials:
    """Take options first, then the environment, then the local owner's file; raises UsageError."""
    owner = read_owner(settings.home_dir)
    chosen_url = url or settings.url or (owner.base_url if owner else None)
    given_key = settings.api_key.get_secret_value() if settings.api_key else None
    chosen_key = key or given_key or (owner.api_key if owner else None)
    if not chosen_url or not chosen_key:
        raise UsageError(
            "no platform to talk to: there is neither --url and --key, nor FLOWLOOM_URL and FLOWLOOM_API_KEY,"
            f" nor {settings.home_dir / 'owner.json'}",
            hint="`flowloom up` starts one here; `flowloom login --url URL` signs in to another",
        )
    return Credentials(chosen_url.rstrip("/"), chosen_key)
