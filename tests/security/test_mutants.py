"""S74: of the mutants of what keeps people out, apart and silent, 85 % at least do not pass the tables."""

import asyncio
import ipaddress
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import SecretStr

import flowloom_servicekit.outbound.addresses
import flowloom_servicekit.outbound.gate
import flowloom_servicekit.strong_secrets
import flowloom_servicekit.telemetry
import flowloom_servicekit.tenancy
import gateway.adapters.access_tokens
import orchestrator.domain.redaction
from flowloom_servicekit.errors import FlowloomError, UnauthenticatedError
from flowloom_servicekit.outbound.errors import AddressRefusedError, UpstreamUnreachableError
from flowloom_servicekit.outbound.targets import Origin
from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.signing_keys import only
from gateway.domain.permissions import Role
from gateway.ports import TokenSubject

from .mutation import Oracle, as_it_is, mutants

LEAST_KILLED: Final = 0.85
KEY: Final = ECKey.generate_key("P-256")
OTHER: Final = ECKey.generate_key("P-256")
ADDRESSES: Final[dict[str, str | None]] = {
    "93.184.216.34": None,
    "2606:2800:220:1::1": None,
    "10.0.0.1": "",
    "127.0.0.1": "",
    "168.63.129.16": "",
    "192.88.99.1": "",
    "224.0.0.1": "",
    "::ffff:127.0.0.1": "127.0.0.1",
    "::ffff:93.184.216.34": "93.184.216.34",
    "64:ff9b::7f00:1": "127.0.0.1",
    "2002:7f00:1::": "127.0.0.1",
    "2002:5db8:d822::1": "93.184.216.34",
    "2001:0:4136:e378:8000:63bf:80ff:fffe": "127.0.0.1",
    "2606:2800::5efe:7f00:1": "127.0.0.1",
    "2606:2800::5efe:5db8:d822": "93.184.216.34",
    "2001:db8::1": "",
    "3fff::1": "",
    "fc00::1": "",
    "fe80::1%eth0": "",
}
"""Each address: None is public; else the IPv4 address that it carries, if any."""

OPEN: Final = {"93.184.216.34", "2606:2800:220:1::1", "2606:2800::5efe:5db8:d822"}


def addresses(names: Any) -> None:
    for text, carried in ADDRESSES.items():
        address = ipaddress.ip_address(text)
        why = names.refusal(address)
        assert (why is None) is (text in OPEN), text
        if isinstance(address, ipaddress.IPv6Address):
            inner = names.embedded(address)
            assert (str(inner) if inner else "") == (carried or ""), text
    assert "it stands for 127.0.0.1" in names.refusal(ipaddress.ip_address("::ffff:127.0.0.1"))
    assert "interface" in names.refusal(ipaddress.ip_address("fe80::1%eth0"))


class Resolver:
    """Knows a few names."""

    known: Final = {
        "good.example": ["93.184.216.34", "93.184.216.35"],
        "mixed.example": ["93.184.216.34", "10.0.0.1"],
        "bad.example": ["127.0.0.1"],
        "none.example": [],
        "odd.example": ["nonsense"],
    }

    async def addresses(self, host: str) -> list[str]:
        if host not in self.known:
            raise OSError
        return list(self.known[host])


def gate(names: Any) -> None:
    inside = Origin("http", "bad.example", 9000)
    judge = names.Gate([inside], Resolver())
    asked = asyncio.Runner()
    with asked:
        public = asked.run(judge.addresses(Origin("https", "good.example", 443)))
        assert [str(one) for one in public] == Resolver.known["good.example"]
        assert [str(one) for one in asked.run(judge.addresses(inside))] == ["127.0.0.1"]
        literal = asked.run(judge.addresses(Origin("http", "93.184.216.34", 80)))
        assert [str(one) for one in literal] == ["93.184.216.34"]
        for host, port, error in (
            ("mixed.example", 443, AddressRefusedError),
            ("bad.example", 80, AddressRefusedError),
            ("good.example", 6379, AddressRefusedError),
            ("127.0.0.1", 80, AddressRefusedError),
            ("none.example", 80, UpstreamUnreachableError),
            ("odd.example", 80, UpstreamUnreachableError),
            ("unknown.example", 80, UpstreamUnreachableError),
        ):
            with pytest.raises(error) as refused:
                asked.run(judge.addresses(Origin("http", host, port)))
            assert "10.0.0.1" not in str(refused.value), "the plan of the network is not told"
            assert host in str(refused.value)
            if host == "127.0.0.1":
                assert "public internet" in str(refused.value) and "name leads" not in str(refused.value)
        found = asked.run(names.SystemResolver().addresses("127.0.0.1"))
        assert found == ["127.0.0.1"]
    read = names.allowed_origins("http://10.0.0.7:8000, https://crm.internal ,")
    assert read == {Origin("http", "10.0.0.7", 8000), Origin("https", "crm.internal", 443)}
    for wrong in ("http://a/b", "http://a/?q", "http://a/#x", "nonsense", "ftp://a"):
        with pytest.raises(ValueError, match=r"http://a|nonsense|ftp"):
            names.allowed_origins(wrong)


def redaction(names: Any) -> None:
    value = 'p"w/ü +x'
    hide = names.Redactor({"token": value, "short": "abc", "long": f"{value}-more"})
    for form in (value, 'p\\"w/ü +x', 'p\\"w/\\u00fc +x', "p%22w%2F%C3%BC%20%2Bx", "p%22w/%C3%BC%20%2Bx"):
        assert hide.text(f"a {form} b") == "a [secret:token] b", form
    for form in ("p%22w%2F%C3%BC+%2Bx", "cCJ3L8O8ICt4"):
        assert hide.text(f"a {form} b") == "a [secret:token] b", form
    odd = names.Redactor({"t": "??>>~~aa"})
    for form in ("Pz8+Pn5+YWE=", "Pz8-Pn5-YWE=", "Pz8-Pn5-YWE"):
        assert odd.text(f"<{form}>") == "<[secret:t]>", form
    assert hide.text(f"{value}-more") == "[secret:long]"
    assert hide.text("abc") == "abc"
    assert names.Redactor({"four": "abcd"}).text("abcd") == "[secret:four]"
    nested = {"k": [value, {value: 1}], "n": 1, "none": None}
    assert hide.value(nested) == {"k": ["[secret:token]", {"[secret:token]": 1}], "n": 1, "none": None}
    nothing = names.Redactor({})
    assert (nothing.text(value), nothing.value(nested)) == (value, nested)


def logs(names: Any) -> None:
    clean = names._clean
    for key in (
        "password",
        "api_key",
        "x-session-key",
        "Authorization",
        "model.prompt",
        "db_dsn",
        "private-key",
    ):
        assert clean(key, "x") == "[redacted]", key
    assert clean("name", "x") == "x"
    assert [clean("password", one) for one in (None, True, 3, 1.5)] == [None, True, 3, 1.5]
    assert clean("a", {"token": "x", "b": {"secret": 1, "c": "d"}}) == {
        "token": "[redacted]",
        "b": {"secret": 1, "c": "d"},
    }
    assert clean("a", ["flk_live_abc", ("y",)]) == ["[redacted]", ["y"]]
    assert clean("a", "see redis://u:pw@h and Bearer abc") == "see redis://[redacted]@h and [redacted]"
    assert clean("a", "x" * 2_000) == "x" * 2_000
    assert clean("a", "x" * 2_001) == "x" * 2_000 + "… (2001 characters)"
    assert clean("exception", "x" * 2_001) == "x" * 2_001
    cut = clean("a", "x" * 1_990 + "flk_" + "a" * 500)
    assert "flk_" not in cut
    event = {"event": "e", "token": "t", "_record": "token"}
    assert names.redact(None, "", event) == {"event": "e", "token": "[redacted]", "_record": "token"}
    assert names._render(None, "", {"a": 1}) == '{"a":1}'
    assert names._Named("s")(None, "", {}) == {"service": "s"}


def tenancy(names: Any) -> None:
    url = "postgresql+asyncpg://flowloom_gateway:x@h/d"
    own, every = names.Scope.of("w1", url), names.Scope.of("*", url)
    assert own.parameters == {"role": "flowloom_gateway", "workspace": "w1"}
    assert every.parameters == {"role": "flowloom_gateway_platform", "workspace": ""}
    assert names.Scope.of("w1", "postgresql+asyncpg://h/d").role == ""
    assert names.server_settings(own) == {
        "jit": "off",
        "role": "flowloom_gateway",
        "flowloom.workspace": "w1",
    }
    condition = "workspace_id::text = current_setting('flowloom.workspace', true)"
    assert names.policies("s", "t") == names.locked("s", "t", condition)
    assert names.policies("s", "t", column="id")[1].count("id::text = ") == 2
    assert names.locked("s", "t", "c") == [
        "ALTER TABLE s.t ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own_workspace ON s.t USING (c) WITH CHECK (c)",
        "CREATE POLICY platform ON s.t TO flowloom_s_platform USING (true) WITH CHECK (true)",
    ]


def tokens(names: Any) -> None:
    clock = FakeClock()
    now = int(clock.now().timestamp())
    issuer = names.SignedAccessTokens(only(KEY), issuer="http://here", clock=clock)
    subject = TokenSubject(user_id="u", session_id="s", workspace_id="w", role=Role.OWNER, scope="a b")
    good = issuer.issue(subject)
    seen = issuer.verify(good)
    assert (seen.user_id, seen.session_id, seen.workspace_id) == ("u", "s", "w")
    assert (seen.scopes, seen.client_id, int(seen.expires_at.timestamp())) == (("a", "b"), None, now + 300)
    for changes, head, key in _forgeries(now):
        with pytest.raises(UnauthenticatedError):
            names.SignedAccessTokens(only(KEY), issuer="http://here", clock=clock).verify(
                _token(now, changes, head, key)
            )
    early = _token(now, {"iat": now + 60, "exp": now + 300}, {}, KEY)
    assert issuer.verify(early).user_id == "u"
    for odd in (good + "x", "ü" + good, "x" * 8_193, "", good.replace(".", "..", 1)):
        with pytest.raises(UnauthenticatedError):
            issuer.verify(odd)
    assert names._Verifier(only(KEY)()[0]).header == good.partition(".")[0]
    assert issuer._verifier_of(good) is not None, "our own header says nothing that has to be looked at"
    otherwise = _token(now, {}, {"alg": "ES256"}, KEY, first=("kid", "typ"))
    assert issuer._verifier_of(otherwise) is None
    assert issuer.verify(otherwise).user_id == "u"
    _remembers(names, clock, good)
    assert issuer.public_keys()["keys"][0].keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (
        issuer.public_keys()["keys"][0]["use"] == "sig" and issuer.public_keys()["keys"][0]["alg"] == "ES256"
    )
    newer = issuer.issue(subject)
    clock.advance(299)
    assert issuer.verify(newer).user_id == "u"
    clock.advance(1)
    with pytest.raises(UnauthenticatedError, match="expired"):
        issuer.verify(newer)
    with pytest.raises(ValueError, match="twice"):
        names._once([("a", 1), ("a", 2)])
    assert names._once([("a", 1), ("b", 2)]) == {"a": 1, "b": 2}


def _remembers(names: Any, clock: FakeClock, good: str) -> None:
    keys = [only(KEY)()]
    memory = names.SignedAccessTokens(lambda: keys[0], issuer="http://here", clock=clock)
    memory.verify(good)
    keys[0] = only(OTHER)()
    memory.verify(good)
    clock.advance(30)
    with pytest.raises(UnauthenticatedError):
        memory.verify(good)


def _forgeries(now: int) -> Iterator[tuple[dict[str, object], dict[str, object], ECKey]]:
    for changes in (
        {"iss": "http://there"},
        {"aud": "another"},
        {"exp": now - 1, "iat": now - 200},
        {"exp": now + 301},
        {"iat": now + 61, "exp": now + 200},
        {"sub": 5},
        {"extra": "x"},
    ):
        yield changes, {}, KEY
    yield {}, {"typ": "JWT"}, KEY
    yield {}, {"kid": "another"}, KEY
    yield {}, {"jku": "https://evil.example"}, KEY
    yield {}, {}, OTHER


def _token(
    now: int, changes: dict[str, object], head: dict[str, object], key: ECKey, *, first: Sequence[str] = ()
) -> str:
    claims = {"iss": "http://here", "aud": "flowloom", "sub": "u", "sid": "s", "ws": "w", "role": "owner"}
    whole = claims | {"scope": "*", "iat": now, "exp": now + 300, "jti": "j"} | changes
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.thumbprint()} | head
    header = {name: header[name] for name in first} | header
    return jwt.encode(header, whole, key, algorithms=["ES256"], registry=_anything())


def _anything() -> Any:
    from joserfc.jws import JWSRegistry

    return JWSRegistry(algorithms=["ES256"], strict_check_header=False)


def strength(names: Any) -> None:
    assert names.fault_of("3f9a1c5e7b20d846") == ""
    assert "shorter" in names.fault_of("3f9a1c5e7b20d84")
    assert "repeats" in names.fault_of("ababababcdcdeeee")
    assert names.fault_of("abcdef" * 3 + "ghijk-z9") == ""
    assert "example" in names.fault_of("change-me-please-now")
    assert names.is_known("1234567890") and names.is_known("Pass-Word")
    assert not names.is_known("Pass-Lighthouse")
    assert names.is_known("postgres") and not names.is_known("3f9a1c5e")
    good = SecretStr("3f9a1c5e7b20d846")
    assert names.strong(good) is good
    with pytest.raises(ValueError, match="openssl"):
        names.strong(SecretStr("short"))
    for address in ("redis://h/0", "redis://u:3f9a1c5e@h/0"):
        kept = SecretStr(address)
        assert names.no_known_password(kept) is kept
    for address in ("redis://u:secret@h/0", "redis://u:%73ecret@h/0"):
        with pytest.raises(ValueError, match="example"):
            names.no_known_password(SecretStr(address))


TABLES: Final[dict[str, tuple[Any, Oracle]]] = {
    "addresses": (flowloom_servicekit.outbound.addresses, addresses),
    "gate": (flowloom_servicekit.outbound.gate, gate),
    "redaction": (orchestrator.domain.redaction, redaction),
    "tenancy": (flowloom_servicekit.tenancy, tenancy),
    "tokens": (gateway.adapters.access_tokens, tokens),
    "strength": (flowloom_servicekit.strong_secrets, strength),
}
KILLED: Final = (
    *(AssertionError, pytest.fail.Exception, FlowloomError, JoseError),
    *(ArithmeticError, AttributeError, LookupError, NameError, OSError, RuntimeError, TypeError, ValueError),
)
"""How a table, or a mutant that it tries, says that something is wrong."""

LOGS: Final = ("_clean", "_is_sensitive", "redact", "_Named", "_render")


def _survivors(
    module: Any, oracle: Callable[[Any], None], only_in: tuple[str, ...] = ()
) -> tuple[int, list[str]]:
    lived, tried = [], 0
    for mutant in mutants(module, only_in=only_in):
        tried += 1
        try:
            oracle(mutant.names)
        except KILLED:
            continue
        else:
            lived.append(mutant.what)
    return tried, lived


@pytest.mark.parametrize("name", TABLES)
def test_s74_the_modules_themselves_pass(name: str) -> None:
    module, oracle = TABLES[name]
    oracle(as_it_is(module))


@pytest.mark.parametrize("name", TABLES)
def test_s74_few_mutants_live(name: str) -> None:
    module, oracle = TABLES[name]
    tried, lived = _survivors(module, oracle)
    assert tried >= 10
    assert len(lived) <= (1 - LEAST_KILLED) * tried, (tried, lived)


def test_s74_few_mutants_live_of_what_cleans_logs() -> None:
    logs(as_it_is(flowloom_servicekit.telemetry))
    tried, lived = _survivors(flowloom_servicekit.telemetry, logs, LOGS)
    assert tried >= 10
    assert len(lived) <= (1 - LEAST_KILLED) * tried, (tried, lived)
