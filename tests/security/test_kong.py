"""The edge's file, K1 to K14: each trap that a parser of Kong's does not find."""

import json
import re
from pathlib import Path

import pytest
import yaml

from flowloom_cli.secrets import ensure_keys
from scripts.render_kong import RenderError, main, render
from tests.security.kong_model import KINDS, Access, Json, Router, normalised

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "kong" / "kong.yml"
SECRET = "0123456789abcdef0123456789abcdef01234567"
MACHINE = "flk_live_Ab12Cd34_" + "x" * 32 + "_0a1b2c3d"
SOMEONES = "flk_local_Zz99Yy88_" + "y" * 32 + "_deadbeef"
IDENTITY_HEADERS = {
    "X-Consumer-ID": "0b1f2c2e-6f0e-5f5e-9a6e-000000000002",
    "X-Consumer-Username": "people",
    "X-Consumer-Custom-ID": "1",
    "X-Consumer-Groups": "admins",
    "X-Authenticated-Groups": "admins",
    "X-Authenticated-Userid": "1",
    "X-Credential-Identifier": "1",
    "X-Anonymous-Consumer": "false",
    "X-Gateway-Secret": "guess",
    "X-Tenant": "another",
    "dapr-api-token": "guess",
    "dapr-app-id": "orchestrator",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
CLOSED = "inside"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ensure_keys(tmp_path / "keys")
    machines = tmp_path / "machines.json"
    machines.write_text(json.dumps({"reporting": MACHINE}))
    return {
        "FLOWLOOM_EDGE_GATEWAYS": "gateway:8000",
        "FLOWLOOM_EDGE_ORIGINS": "https://flowloom.example,http://127.0.0.1:8080",
        "FLOWLOOM_EDGE_SECRET": SECRET,
        "FLOWLOOM_EDGE_KEYS_DIR": str(tmp_path / "keys"),
        "FLOWLOOM_EDGE_MACHINES": str(machines),
    }


@pytest.fixture
def text(environment: dict[str, str]) -> str:
    return render(TEMPLATE.read_text(), environment)


@pytest.fixture
def document(text: str) -> Json:
    loaded: Json = yaml.safe_load(text)
    return loaded


@pytest.fixture
def router(document: Json) -> Router:
    return Router(document)


def every_plugin(document: Json, name: str) -> list[Json]:
    places = [document, *document["services"], *document["consumers"], *Router(document).routes]
    return [
        one.get("config", {}) for place in places for one in place.get("plugins", []) if one["name"] == name
    ]


def test_the_model_knows_that_more_kinds_of_field_win_over_a_longer_path() -> None:
    service: Json = {"name": "s", "plugins": []}
    service["routes"] = [
        {"name": "signed", "paths": ["/v1/"]},
        {"name": "page", "paths": ["/"], "methods": ["GET"]},
    ]
    tempting = Router({"services": [service]})
    assert tempting.name("GET", "/v1/me") == "page"
    assert tempting.name("POST", "/v1/me") == "signed"


def test_k1_every_route_matches_on_paths_and_nothing_else(router: Router) -> None:
    assert {tuple(kind for kind in KINDS if route.get(kind)) for route in router.routes} == {("paths",)}
    assert not [route["name"] for route in router.routes if "regex_priority" in route]


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/v1/me", "api"),
        ("/v1/runs", "api"),
        ("/v1/runs/1/stream", "run-stream"),
        ("/v1/runs/1/streams", "api"),
        ("/v1/runs/1/2/stream", "api"),
        ("/v1/ws", "plain-socket"),
        ("/v1/wsx", "api"),
        ("/v1/auth/login", "sign-in"),
        ("/v1/authx", "api"),
        ("/v1/oauth/token", "machine-token"),
        ("/v1/oauth/token/x", "api"),
        ("/v1/openapi.json", "description"),
        ("/v1/openapi_json", "api"),
        ("/v1/documents", "documents"),
        ("/v1/documents/1", "api"),
        ("/socket.io/?EIO=4", "socket-io"),
        ("/hooks/abc", "webhook"),
        ("/.well-known/jwks.json", "well-known"),
        ("/", "page"),
        ("/workflows/1", "page"),
        ("/internal/runs/list", CLOSED),
        ("/dapr/subscribe", CLOSED),
        ("/job/sched:1", CLOSED),
        ("/subscriptions/run-events", CLOSED),
        ("/metrics", CLOSED),
    ],
)
def test_k1_each_path_goes_where_it_should(router: Router, target: str, route: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        assert router.name(method, target) == route


def test_k2_credentials_are_values_and_no_references(
    document: Json, text: str, environment: dict[str, str]
) -> None:
    assert "vault://" not in text
    [key] = document["consumers"][1]["jwt_secrets"]
    assert (key["algorithm"], key["rsa_public_key"].splitlines()[0]) == (
        "ES256",
        "-----BEGIN PUBLIC KEY-----",
    )
    assert document["consumers"][3]["keyauth_credentials"] == [{"key": MACHINE}]
    with pytest.raises(RenderError, match="FLOWLOOM_EDGE_SECRET"):
        render(
            TEMPLATE.read_text(), environment | {"FLOWLOOM_EDGE_SECRET": "{vault://env/flowloom-edge-secret}"}
        )
    with pytest.raises(RenderError, match="taken literally"):
        render("key: '{vault://env/a}'", environment)


def test_k2_the_key_of_access_tokens_is_found_by_its_thumbprint(
    document: Json, environment: dict[str, str]
) -> None:
    from joserfc.jwk import ECKey

    public = Path(environment["FLOWLOOM_EDGE_KEYS_DIR"], "gateway-access.pub.pem").read_bytes()
    assert document["consumers"][1]["jwt_secrets"][0]["key"] == ECKey.import_key(public).thumbprint()


@pytest.mark.parametrize("name", ["GATEWAYS", "ORIGINS", "SECRET", "KEYS_DIR", "MACHINES"])
def test_k3_a_variable_that_is_not_set_fails_and_changes_nothing(
    name: str, environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "kong.yml"
    output.write_text("the one before")
    del environment[f"FLOWLOOM_EDGE_{name}"]
    assert main([str(TEMPLATE), str(output)], environment) == 2
    assert f"set FLOWLOOM_EDGE_{name}" in capsys.readouterr().err
    assert output.read_text() == "the one before"
    assert [path.name for path in tmp_path.iterdir() if "kong" in path.name] == ["kong.yml"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET", "short"),
        ("SECRET", 'x"); os.exit() --' + "x" * 32),
        ("ORIGINS", "*"),
        ("ORIGINS", "https://a.example/path"),
        ("ORIGINS", ""),
        ("GATEWAYS", "gateway"),
        ("KEYS_DIR", "/nowhere"),
    ],
)
def test_k3_a_value_of_the_wrong_form_fails(name: str, value: str, environment: dict[str, str]) -> None:
    with pytest.raises(RenderError, match=f"FLOWLOOM_EDGE_{name}"):
        render(TEMPLATE.read_text(), environment | {f"FLOWLOOM_EDGE_{name}": value})


def test_k3_the_file_is_its_owners_alone(environment: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "kong.yml"
    assert main([str(TEMPLATE), str(output)], environment) == 0
    assert output.stat().st_mode & 0o777 == 0o600


def access_code(document: Json) -> Access:
    [plugin] = [one for one in document["plugins"] if one["name"] == "pre-function"]
    [code] = plugin["config"]["access"]
    return Access(code)


def test_k4_headers_that_claim_an_identity_do_not_arrive(document: Json) -> None:
    arrived, consumer = access_code(document).run(IDENTITY_HEADERS | {"Accept": "application/json"})
    assert arrived == {"accept": "application/json", "x-gateway-secret": SECRET}
    assert consumer == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", True),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", False),
        ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", False),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more", False),
        ("00-0af7651916cd43dd8448eb211c80319z-b7ad6b7169203331-00", False),
        ("", False),
    ],
)
def test_s44_only_a_trace_that_asks_for_nothing_passes(document: Json, given: str, kept: bool) -> None:
    sent = {"Traceparent": given, "Baggage": "tenant=another", "Tracestate": "a=b"}
    arrived, _ = access_code(document).run(sent)
    assert set(arrived) == {"x-gateway-secret"} | ({"traceparent"} if kept else set())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-1.2_3", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("a b", False),
        ("a\r\nb", False),
        ("é", False),
    ],
)
def test_k4_a_request_id_is_kept_when_it_is_harmless(document: Json, given: str, kept: bool) -> None:
    arrived, _ = access_code(document).run({"X-Request-ID": given})
    assert ("x-request-id" in arrived) is kept


@pytest.mark.parametrize(
    ("key", "consumer"),
    [
        (SOMEONES, "api-keys"),
        (MACHINE, ""),  # key-auth looks it up
        ("flk_live_Ab12Cd34", ""),
        (SOMEONES + "x" * 40, ""),
        (SOMEONES.replace("_", "-"), ""),
        ("guess", ""),
    ],
)
def test_k4_only_keys_of_our_form_pass_to_the_gateway(document: Json, key: str, consumer: str) -> None:
    arrived, known_as = access_code(document).run({"X-API-Key": key})
    assert known_as == consumer
    assert arrived["x-api-key"] == key


def test_k5_credentials_travel_in_headers_only(document: Json) -> None:
    tokens, keys = every_plugin(document, "jwt"), every_plugin(document, "key-auth")
    assert len(tokens) == len(keys) == 3
    for config in tokens:
        assert (config["uri_param_names"], config["cookie_names"]) == ([], [])
        assert config["claims_to_verify"] == ["exp"]
    for config in keys:
        assert (config["key_in_query"], config["key_in_body"]) == (False, False)


def test_k6_paths_end_where_they_seem_to(router: Router) -> None:
    for route in router.routes:
        for path in route["paths"]:
            if path.startswith("~"):
                assert path.endswith("$"), path
                re.compile(path[1:])
            elif route["name"] != CLOSED:  # what is closed may be closed too far
                assert path.endswith("/"), path


def test_k7_paths_and_hosts_arrive_as_they_were_sent(router: Router) -> None:
    for route in router.routes:
        assert (route["strip_path"], route["preserve_host"]) == (False, True), route["name"]


def test_k8_whoever_showed_nothing_ends_in_401(document: Json) -> None:
    consumers = {consumer["username"]: consumer for consumer in document["consumers"]}
    named = {config["anonymous"] for name in ("jwt", "key-auth") for config in every_plugin(document, name)}
    assert named == {"anonymous"}
    [termination] = consumers["anonymous"]["plugins"]
    assert termination["name"] == "request-termination"
    assert termination["config"]["status_code"] == 401
    assert json.loads(termination["config"]["body"])["type"] == "/problems/unauthenticated"
    for consumer in consumers.values():
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", consumer["id"])


def test_k9_no_plugin_needs_a_database(document: Json) -> None:
    names = {
        plugin["name"]
        for place in (document, *document["services"], *document["consumers"], *Router(document).routes)
        for plugin in place.get("plugins", [])
    }
    assert names == set(enabled_plugins())
    assert "oauth2" not in names


@pytest.mark.parametrize(
    "target",
    [
        "//internal/runs/list",
        "/./internal/x",
        "/v1/../internal/x",
        "/v1/%2e%2e/internal/x",
        "/%69nternal/x",
        "/hooks/..//internal",
        "/v1/runs/../../metrics",
        "/metrics?x=/v1/",
    ],
)
def test_k10_a_disguised_path_is_judged_and_forwarded_as_what_it_is(router: Router, target: str) -> None:
    assert router.name("GET", target) == CLOSED


def test_k10_an_encoded_slash_stays_one_and_names_no_other_route(router: Router) -> None:
    assert normalised("/v1/runs%2f..%2f..%2finternal") == "/v1/runs%2F..%2F..%2Finternal"
    assert router.name("GET", "/v1/runs%2f..%2f..%2finternal") == "api"


def test_k12_bodies_are_capped_by_nginx_as_well(document: Json) -> None:
    caps = every_plugin(document, "request-size-limiting")
    assert len(caps) == len(document["services"])
    assert {config["size_unit"] for config in caps} == {"megabytes"}
    most = re.fullmatch(r"(\d+)m", kong_environment()["KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE"])
    assert most is not None
    assert max(config["allowed_payload_size"] for config in caps) <= int(most[1]) <= 24


def test_k13_preflights_are_answered_and_never_let_in(document: Json) -> None:
    for config in [*every_plugin(document, "jwt"), *every_plugin(document, "key-auth")]:
        assert config.get("run_on_preflight", True) is True
    for config in every_plugin(document, "cors"):
        assert config["preflight_continue"] is False
        assert config["max_age"] <= 600
        assert config["credentials"] is True
        assert "*" not in config["origins"]


def test_k14_limits_are_local_and_name_no_redis_in_old_spelling(document: Json) -> None:
    limits = every_plugin(document, "rate-limiting")
    assert len(limits) == len(document["services"])
    for config in limits:
        assert (config["policy"], config["limit_by"]) == ("local", "ip")
        assert not [name for name in config if name.startswith("redis")]


def kong_environment() -> dict[str, str]:
    compose = yaml.safe_load((ROOT / "deploy" / "compose" / "kong.yml").read_text())
    found: dict[str, str] = compose["services"]["kong"]["environment"]
    return found


def enabled_plugins() -> list[str]:
    return kong_environment()["KONG_PLUGINS"].split(",")


def test_the_process_is_closed_up(document: Json) -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose" / "kong.yml").read_text())
    kong, env = compose["services"]["kong"], kong_environment()
    assert kong["image"] == "kong:3.9.3"
    assert kong["user"] not in ("", "0", "0:0", "root")
    assert (kong["read_only"], kong["cap_drop"]) == (True, ["ALL"])
    assert kong["security_opt"] == ["no-new-privileges:true"]
    expected = {
        "KONG_DATABASE": "off",
        "KONG_ADMIN_LISTEN": "off",
        "KONG_ADMIN_GUI_LISTEN": "off",
        "KONG_STATUS_LISTEN": "0.0.0.0:8100",
        "KONG_HEADERS": "off",
        "KONG_ANONYMOUS_REPORTS": "off",
        "KONG_TRUSTED_IPS": "",
    }
    assert {name: env[name] for name in expected} == expected
    assert "8100" not in str(kong["ports"])
    assert "http2" not in env["KONG_PROXY_LISTEN"]
    assert not [name for name in env if "SECRET" in name], "secrets are in the rendered file alone"


def test_answers_and_long_streams_are_not_held_back(router: Router) -> None:
    for target in ("/v1/runs/1/stream", "/socket.io/", "/v1/ws"):
        found = router.find("GET", target)
        assert found is not None
        assert found.service is not None
        assert found.route["response_buffering"] is False
        assert found.service["read_timeout"] >= 3_600_000
        assert found.service["retries"] == 0
    assert "jwt" not in router.plugins("GET", "/socket.io/"), "sockets sign in with their first message"
