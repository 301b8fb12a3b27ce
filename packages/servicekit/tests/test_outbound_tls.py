"""TLS of the client: the certificate has to be valid for the name that was asked for."""

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.errors import UpstreamUnreachableError
from flowloom_servicekit.outbound.pool import SystemDialler
from flowloom_servicekit.outbound.request import OutboundRequest
from flowloom_servicekit.outbound.targets import origin
from flowloom_servicekit.outbound.tls import verifying_context
from flowloom_servicekit.testing.outside import FakeInternet, FakeServer, answer, fake_server

NOW = datetime.datetime.now(datetime.UTC)


def certificate(folder: Path, name: str, *, days: int = 1) -> Path:
    """Write a certificate that vouches for itself, and its key, for a name and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.DNSName(name)]
    if name == "right.example":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(days=9))
        .not_valid_after(NOW + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def server_context(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def trusting(pem: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pem))


async def call(server: FakeServer, trust: ssl.SSLContext, *, host: str = "127.0.0.1") -> int:
    url = f"https://{host}:{server.port}/"
    client = OutboundClient(
        allow=[origin(url)],
        resolver=FakeInternet(names={host: [["127.0.0.1"]]}),
        dialler=SystemDialler(lambda: trust),
    )
    async with client:
        return (await client.request(OutboundRequest("GET", url))).status


@pytest.mark.parametrize("host", ["right.example", "127.0.0.1"])
async def test_reaches_a_server_whose_certificate_is_right(tmp_path: Path, host: str) -> None:
    pem = certificate(tmp_path, "right.example")
    async with fake_server(answer(204), tls=server_context(pem)) as server:
        assert await call(server, trusting(pem), host=host) == 204
    assert b"host: " + host.encode() in server.requests[0]


@pytest.mark.parametrize("fault", ["name", "expired", "issuer"])
async def test_sends_nothing_when_the_certificate_is_wrong(tmp_path: Path, fault: str) -> None:
    pem = certificate(tmp_path, "right.example", days=-1 if fault == "expired" else 1)
    trust = verifying_context() if fault == "issuer" else trusting(pem)
    host = "wrong.example" if fault == "name" else "right.example"
    async with fake_server(answer(204), tls=server_context(pem)) as server:
        with pytest.raises(UpstreamUnreachableError, match="certificate is not valid"):
            await call(server, trust, host=host)
        assert server.requests == []


async def test_says_so_when_the_server_does_not_speak_tls() -> None:
    def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP ready\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        fake = FakeServer([], port=server.sockets[0].getsockname()[1])
        with pytest.raises(UpstreamUnreachableError, match="no secure connection"):
            await call(fake, verifying_context())


def test_the_default_context_verifies_names_and_authorities() -> None:
    context = verifying_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
