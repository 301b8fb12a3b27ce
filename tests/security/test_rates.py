"""S54: nobody gets past the limits by another spelling, another door, or by taking Redis away."""

import asyncio

import httpx
import pytest

from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.leased_rate_limits import LeasedRateLimits
from gateway.domain.rate_limits import (
    Bucket,
    Rate,
    Standing,
    TooManyRequestsError,
    counted_address,
    rates_from,
)
from tests.security.gateways import client_of, gateway_with, sign_in

NOBODY = "redis://127.0.0.1:9/0"


async def _statuses(client: httpx.AsyncClient, requests: list[tuple[str, str, dict[str, str]]]) -> list[int]:
    return [
        (await client.request(verb, path, headers=headers)).status_code for verb, path, headers in requests
    ]


async def test_s54_a_stranger_cannot_spell_a_limit_away() -> None:
    tricks: list[tuple[str, str, dict[str, str]]] = [
        ("GET", "/v1/me", {}),
        ("GET", "/v1/me", {"x-forwarded-for": "198.51.100.7"}),
        ("GET", "/v1/me", {"x-real-ip": "198.51.100.8", "forwarded": "for=198.51.100.9"}),
        ("GET", "/V1/ME", {}),
        ("GET", "/v1/me/", {}),
        ("GET", "//v1/me", {}),
        ("GET", "/v1/me?x=1", {}),
        ("POST", "/v1/me", {"x-http-method-override": "GET"}),
        ("OPTIONS", "/v1/me", {}),
        ("GET", "/v1/me", {"authorization": "Bearer nonsense"}),
        ("GET", "/v1/me", {"x-api-key": "flk_live_nonsense"}),
        ("GET", "/v1/me", {"cookie": "flowloom_refresh=x"}),
    ]
    async with gateway_with(rates="address=4/minute") as gateway, client_of(gateway) as client:
        first = await _statuses(client, [("GET", "/v1/me", {})] * 4)
        rest = await _statuses(client, tricks)
    assert first == [401] * 4
    assert rest == [429] * len(tricks)


async def test_s54_says_how_long_to_wait_and_keeps_it() -> None:
    async with gateway_with(rates="address=2/minute") as gateway, client_of(gateway) as client:
        answers = [await client.get("/v1/me") for _ in range(3)]
    refused = answers[-1]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
    assert refused.headers["ratelimit-policy"] == '"address";q=2;w=60'
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 90


async def test_s54_another_network_is_not_held_by_it() -> None:
    async with gateway_with(rates="address=1/minute") as gateway:
        async with client_of(gateway, "203.0.113.1") as one, client_of(gateway, "203.0.113.2") as other:
            statuses = [(await client.get("/v1/me")).status_code for client in (one, one, other)]
        async with client_of(gateway, "2001:db8::1") as one, client_of(gateway, "2001:db8::ffff:1") as same:
            within = [(await client.get("/v1/me")).status_code for client in (one, same)]
    assert (statuses, within) == ([401, 429, 401], [401, 429])


async def test_s54_a_person_is_counted_by_who_they_are_whatever_they_send() -> None:
    async with gateway_with(rates="user=3/minute") as gateway, client_of(gateway) as client:
        await sign_in(client)
        for address in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
            answer = await client.get("/v1/me", headers={"x-forwarded-for": address})
            assert answer.status_code == 200
        refused = await client.get("/v1/workflows", headers={"x-forwarded-for": "198.51.100.4"})
        async with client_of(gateway, "203.0.113.9") as elsewhere:
            again = await elsewhere.get("/v1/me", headers={"authorization": client.headers["authorization"]})
    assert (refused.status_code, again.status_code) == (429, 429)
    assert refused.headers["ratelimit-policy"].startswith('"user"')


async def test_s54_starts_are_counted_for_the_workspace() -> None:
    document = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: a}\nsteps: {b: {transform: 1}}\n"
    async with gateway_with(rates="starts=2/minute") as gateway, client_of(gateway) as client:
        await sign_in(client)
        workflow = (await client.post("/v1/workflows", json={"source": document})).json()["id"]
        started = [await client.post(f"/v1/workflows/{workflow}/runs", json={}) for _ in range(3)]
        read = await client.get("/v1/runs")
    assert [answer.status_code for answer in started] == [202, 202, 429]
    assert read.status_code == 200


async def test_s54_without_redis_reads_go_on_under_a_limit_of_this_process() -> None:
    limits = LeasedRateLimits({Bucket.USER: Rate(3, 60)}, redis_url=NOBODY, clock=FakeClock())
    for left in (2, 1, 0):
        assert (await limits.spend(Bucket.USER, "ada")).left == left
    with pytest.raises(TooManyRequestsError):
        await limits.spend(Bucket.USER, "ada")
    assert (await limits.spend(Bucket.USER, "bob")).left == 2
    await limits.close()


async def test_s54_a_burst_gets_no_more_than_the_limit() -> None:
    limits = LeasedRateLimits({Bucket.USER: Rate(500, 60)}, redis_url=None, clock=FakeClock())
    granted = 0
    for _ in range(700):
        try:
            await limits.spend(Bucket.USER, "ada")
            granted += 1
        except TooManyRequestsError:
            continue
    assert granted == 500


async def test_who_asks_seldom_gets_all_of_the_limit() -> None:
    clock = FakeClock()
    limits = LeasedRateLimits({Bucket.STARTS: Rate(1_000, 3_600)}, redis_url=None, clock=clock)
    for _ in range(700):
        clock.advance(5.1)
        await limits.spend(Bucket.STARTS, "w")


async def test_callers_of_one_moment_share_what_one_of_them_gets() -> None:
    limits = LeasedRateLimits({Bucket.USER: Rate(100, 60)}, redis_url=None, clock=FakeClock())
    asked = await asyncio.gather(
        *(limits.spend(Bucket.USER, "ada") for _ in range(130)), return_exceptions=True
    )
    assert sum(isinstance(answer, Standing) for answer in asked) == 100


async def test_a_cost_is_counted_whole_or_not_at_all() -> None:
    limits = LeasedRateLimits({Bucket.STARTS: Rate(10, 60)}, redis_url=None, clock=FakeClock())
    assert (await limits.spend(Bucket.STARTS, "w", cost=7)).left == 3
    with pytest.raises(TooManyRequestsError):
        await limits.spend(Bucket.STARTS, "w", cost=4)
    assert (await limits.spend(Bucket.STARTS, "w", cost=3)).left == 0


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_are_counted_as_one_client_has_them(host: str, counted: str) -> None:
    assert counted_address(host) == counted


def test_rates_are_read_as_written() -> None:
    rates = rates_from(" user=600/minute, starts=5/second ")
    assert (rates[Bucket.USER], rates[Bucket.STARTS]) == (Rate(600, 60), Rate(5, 1))
    for wrong in ("user", "user=0/minute", "user=1/day", "nobody=1/minute", "user=1/minute;starts=1/minute"):
        with pytest.raises(ValueError, match="no rate"):
            rates_from(wrong)
