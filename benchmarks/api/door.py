"""The gateway's judge of credentials alone, over its own adapters and a Postgres of its own."""

import base64
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.jwk import ECKey

from flowloom_contracts.api import ApiKey, User
from flowloom_servicekit.clock import Clock, SystemClock
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.postgres import running_postgres, service_database
from gateway.adapters.access_tokens import SignedAccessTokens
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_api_clients import PostgresApiClientStore
from gateway.adapters.postgres_api_keys import PostgresApiKeyStore
from gateway.adapters.postgres_sharing import PostgresSharing
from gateway.adapters.signing_keys import SigningKey, SigningKeyFile, write_keys
from gateway.domain.api_keys import make_key
from gateway.domain.permissions import Role
from gateway.migrate import migrate
from gateway.ports import NewOwner, TokenSubject, Visit
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.sessions import SessionIssuer
from gateway.usecases.sharing import SharingBook

ISSUER = "http://127.0.0.1:8080"
COORDINATE_BYTES = 32


@dataclass(frozen=True)
class Door:
    """The judge, the signer of tokens, and one person with a session and a key."""

    judge: Authenticator
    tokens: SignedAccessTokens
    subject: TokenSubject
    key: str
    signing: ECKey


@asynccontextmanager
async def open_door() -> AsyncIterator[Door]:
    """Start a database with one owner; all of it ends with the block."""
    clock = SystemClock()
    with running_postgres() as port, TemporaryDirectory(prefix="flowloom-bench-") as folder:
        addresses = await service_database(port, "gateway")
        await migrate(addresses.owner_url)
        database = Database(addresses.url, pool_size=4)
        file, signing = Path(folder) / "access.key.pem", ECKey.generate_key("P-256")
        write_keys(file, [SigningKey(signing.thumbprint(), signing)])
        tokens = SignedAccessTokens(SigningKeyFile(file), issuer=ISSUER, clock=clock)
        accounts, keys = PostgresAccountStore(database), PostgresApiKeyStore(database)
        clients = PostgresApiClientStore(database)
        judge = Authenticator(
            tokens=tokens,
            accounts=accounts,
            keys=keys,
            clients=clients,
            sharing=SharingBook(PostgresSharing(database), clock),
            clock=clock,
        )
        try:
            subject = await _sign_in(accounts, tokens, clock)
            key = await _make_key(keys, subject, clock)
            yield Door(judge, tokens, subject, key, signing)
        finally:
            await database.close()


def bare_verify_of(token: str, signing: ECKey) -> Callable[[], None]:
    """Return what verifies a token's signature with `cryptography` and does nothing else."""
    signed, _, text = token.rpartition(".")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    r, s = (int.from_bytes(raw[at : at + COORDINATE_BYTES]) for at in (0, COORDINATE_BYTES))
    signature, message, algorithm = encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256())
    public = load_pem_public_key(signing.as_pem(private=False))
    assert isinstance(public, ec.EllipticCurvePublicKey)

    def verify() -> None:
        public.verify(signature, message, algorithm)

    return verify


async def _sign_in(accounts: PostgresAccountStore, tokens: SignedAccessTokens, clock: Clock) -> TokenSubject:
    owner = NewOwner(
        user_id=new_id(),
        email="ada@example.org",
        password_hash="never compared",
        workspace_id=new_id(),
        workspace="Bench",
    )
    await accounts.create_owner(owner, now=clock.now())
    opened = await SessionIssuer(accounts=accounts, tokens=tokens, clock=clock).open(
        User(id=owner.user_id, email=owner.email),
        workspace_id=owner.workspace_id,
        role=Role.OWNER,
        visit=Visit(),
    )
    session_id = tokens.verify(opened.session.access_token).session_id
    return TokenSubject(
        user_id=owner.user_id, session_id=session_id, workspace_id=owner.workspace_id, role=Role.OWNER
    )


async def _make_key(keys: PostgresApiKeyStore, subject: TokenSubject, clock: Clock) -> str:
    new = make_key("local", secrets.choice)
    shown = ApiKey(id=new_id(), name="bench", prefix=new.prefix, scopes=["*"], created_at=clock.now())
    await keys.add(shown, digest=new.digest, workspace_id=subject.workspace_id, user_id=subject.user_id)
    return new.text
