"""How addresses are read and which of them may be called, as tables."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowloom_servicekit.outbound.addresses import embedded, refusal
from flowloom_servicekit.outbound.errors import AddressRefusedError
from flowloom_servicekit.outbound.gate import Gate, SystemResolver, allowed_origins
from flowloom_servicekit.outbound.targets import origin, resolve_location, target
from flowloom_servicekit.settings import ServiceSettings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTPS://Example.COM:443/A/b?x=1#top", "https://example.com/A/b?x=1"),
        ("http://example.com.:80/", "http://example.com/"),
        ("http://example.com:8080?q=ä b".replace(" ", "%20"), "http://example.com:8080/?q=%C3%A4%20b"),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("http://[2606:2800:0220:0001::]:8080/", "http://[2606:2800:220:1::]:8080/"),
        ('http://example.com/a"<b>', "http://example.com/a%22%3Cb%3E"),
    ],
)
def test_reads_an_address_into_its_one_spelling(written: str, read: str) -> None:
    assert str(target(written)) == read


def test_appends_the_parameters_of_a_query() -> None:
    read = target("https://a.example/x?y=1#z", [("q", "a b&c=d"), ("q", "é")])
    assert read.path == "/x?y=1&q=a+b%26c%3Dd&q=%C3%A9"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.com",
        "//example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "unix:/run/x",
        "http:example.com",
        "http:///path",
        "http://",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://example.com@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com/\r\nhost: x",
        "http://example.com\t/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:+80/",
        "http://example.com:\uff18\uff10/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://2130706433/",
        "http://127.0.0.0x1/",
        "http://0/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://127\u30020\u30020\u30021/",
        "http://example\uff0ecom/",
        "http://example\uff61com/",
        "http://\u2460\u2461\u2466.0.0.1/",
        "http://[::1%25lo]/",
        "http://[fe80::1%eth0]/",
        "http://[::ffff:127.0.0.1/",
        "http://::1/",
        "http://[127.0.0.1]/",
        "http://%31%32%37.0.0.1/",
        "http://local%00host/",
        "http://-a.example/",
        "http://a..example/",
        "http://" + "a" * 64 + ".example/",
        "http://a.example/" + "x" * 9_000,
    ],
)
def test_refuses_an_address_that_two_readers_could_read_differently(written: str) -> None:
    with pytest.raises(AddressRefusedError):
        target(written)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::",
        "64:ff9b:1::7f00:1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:5db8:d822::1",
        "2606:2800::5efe:7f00:1",
        "2606:2800::200:5efe:a00:1",
        "3fff::1",
        "4000::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_refuses_an_address_that_is_not_of_the_public_internet(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) is not None


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::68"],
)
def test_allows_an_address_of_the_public_internet(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) is None


@given(st.ip_addresses(v=4), st.sampled_from([0, 0xFFFF << 32, 0xFFFF << 48, 0x0064FF9B << 96]))
def test_no_form_of_a_refused_address_is_allowed(inner: ipaddress.IPv4Address, prefix: int) -> None:
    outer = ipaddress.IPv6Address(prefix | int(inner))
    assert embedded(outer) == inner
    assert refusal(outer) is not None
    shifted = ipaddress.IPv6Address((0x2002 << 112) | (int(inner) << 80) | 1)
    assert refusal(shifted) is not None


@pytest.mark.parametrize("port", [22, 25, 53, 2375, 3306, 5432, 6379, 9200, 11211, 50001])
async def test_refuses_a_port_that_is_not_the_webs(port: int) -> None:
    gate = Gate([], SystemResolver())
    with pytest.raises(AddressRefusedError, match="FLOWLOOM_OUTBOUND_ALLOW"):
        gate.check(origin(f"http://93.184.216.34:{port}/"))


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "http://a.example/b"),
        ("b?x=1", "http://a.example/d/b?x=1"),
        ("?page=2", "http://a.example/d/e?page=2"),
        ("../b", "http://a.example/b"),
        ("//b.example/c", "http://b.example/c"),
        ("https://b.example", "https://b.example/"),
    ],
)
def test_follows_a_redirect_as_browsers_do(location: str, leads_to: str) -> None:
    assert str(resolve_location(target("http://a.example/d/e?f=g"), location)) == leads_to


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "\\\\b.example/", "/\\b.example", "//a@b.example", "a b"]
)
def test_refuses_an_odd_redirect(location: str) -> None:
    with pytest.raises(AddressRefusedError):
        resolve_location(target("http://a.example/"), location)


def test_the_operator_allows_exact_origins_only() -> None:
    allowed = allowed_origins("http://127.0.0.1:11434, https://models.internal/")
    assert {str(entry) for entry in allowed} == {"http://127.0.0.1:11434", "https://models.internal"}
    gate = Gate(allowed, SystemResolver())
    gate.check(origin("http://127.0.0.1:11434/api"))
    for other in ("http://127.0.0.1:11435", "https://127.0.0.1:11434", "http://localhost:11434"):
        with pytest.raises(AddressRefusedError):
            gate.check(origin(other))


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "http://*.internal", "http://a.example/path", "http://a b", "*"]
)
def test_the_process_does_not_start_when_the_operators_list_is_wrong(
    text: str, settings: ServiceSettings
) -> None:
    with pytest.raises(ValueError, match=r"scheme, host and port|address|host"):
        allowed_origins(text)
    with pytest.raises(ValidationError):
        ServiceSettings.model_validate({**settings.model_dump(), "outbound_allow": text})
