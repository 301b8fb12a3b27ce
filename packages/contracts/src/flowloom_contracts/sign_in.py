"""Bodies of the public interface about signing in: passwords, second factors, providers, API clients."""

from datetime import datetime
from typing import Literal

from pydantic import Field, SecretStr

from flowloom_contracts.base import Moment, Request, Response


class ForgottenPassword(Request):
    """Body of `POST /v1/auth/password/forgot`."""

    email: str = Field(min_length=3, max_length=254)


class ResetPassword(Request):
    """Body of `POST /v1/auth/password/reset`."""

    token: SecretStr = Field(min_length=20, max_length=200)
    password: SecretStr = Field(min_length=12, max_length=256)


class ChangePassword(Request):
    """Body of `POST /v1/me/password`."""

    current_password: SecretStr = Field(max_length=256)
    new_password: SecretStr = Field(min_length=12, max_length=256)


class ConfirmPassword(Request):
    """Shows that the person is still the one who signed in."""

    password: SecretStr = Field(max_length=256)


class SecondFactor(Response):
    """Whether sign-in asks for a code as well."""

    enabled: bool
    recovery_codes_left: int


class SecondFactorBegun(Response):
    """A secret for an authenticator; shown only here, counts when a code of it was confirmed."""

    secret: str
    otpauth_uri: str
    qr_svg: str = Field(description="The address as a picture for a phone's camera.")


class ConfirmCode(Request):
    """Body of `POST /v1/me/totp/confirm`."""

    code: str = Field(min_length=6, max_length=10, examples=["492039"])


class RecoveryCodes(Response):
    """Each signs in once instead of an authenticator's code; shown only here."""

    codes: list[str]


class CreateApiClient(Request):
    """Body of `POST /v1/api-clients`."""

    name: str = Field(min_length=1, max_length=80)
    scopes: list[str] = Field(min_length=1, max_length=50)
    expires_at: Moment | None = None


class ApiClient(Response):
    """A program that gets access tokens by its own secret."""

    id: str = Field(description="The `client_id` of OAuth.")
    name: str
    scopes: list[str]
    created_by: str = Field(description="E-mail address of its maker, for whom it acts.")
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    old_secret_until: datetime | None = Field(
        default=None, description="Until when the secret before this one works beside it."
    )


class RotateApiClient(Request):
    """Body of `POST /v1/api-clients/{client_id}/rotate`."""

    grace_hours: float = Field(
        default=24,
        ge=0,
        le=24,
        description="How long the old secret still works beside the new one; 0: not at all.",
    )


class ApiClientCreated(ApiClient):
    """A client with its new secret, which is shown only here."""

    client_secret: str


class ApiClientList(Response):
    """A page of clients."""

    items: list[ApiClient]
    next_cursor: str | None = None


class OAuthToken(Response):
    """An access token for an API client (RFC 6749 section 5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds.")
    scope: str


class SignInProvider(Response):
    """An identity provider that people can sign in with."""

    id: str
    title: str
    start: str = Field(description="Path to send the browser to; takes `?next=`.")


class SignInProviders(Response):
    """The ways to sign in."""

    password: bool
    items: list[SignInProvider]
