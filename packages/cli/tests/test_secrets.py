"""Secrets and keys of a home: generated once, readable by nobody else."""

import base64
import json
import stat
from pathlib import Path

import pytest

from flowloom_cli.errors import CliError
from flowloom_cli.secrets import ensure_keys, load_or_create
from flowloom_cli.topology import APP_IDS


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_generates_secrets_once(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    assert load_or_create(tmp_path) == first
    assert mode(tmp_path / "secrets.json") == 0o600
    assert set(first.app_api_tokens) == set(APP_IDS)
    tokens = [
        first.postgres,
        first.edge,
        *first.redis_users.values(),
        first.setup_token,
        *first.roles.values(),
        *first.dapr_api_tokens.values(),
    ]
    assert len(set(tokens)) == len(tokens)
    assert min(map(len, tokens)) >= 40


def test_adds_what_an_older_home_does_not_know(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    old = json.loads((tmp_path / "secrets.json").read_text())
    del old["edge"], old["redis_users"]
    (tmp_path / "secrets.json").write_text(json.dumps({**old, "redis": "one password for all"}))
    upgraded = load_or_create(tmp_path)
    assert (upgraded.postgres, upgraded.roles) == (first.postgres, first.roles)
    assert len(upgraded.edge) >= 40
    assert load_or_create(tmp_path) == upgraded
    assert mode(tmp_path / "secrets.json") == 0o600


def test_says_what_to_do_when_the_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(CliError, match=r"secrets\.json cannot be read"):
        load_or_create(tmp_path)


def test_gives_every_service_a_key_pair_and_keeps_it(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    pairs = {f"{name}.{kind}.pem" for name in (*APP_IDS, "gateway-access") for kind in ("key", "pub")}
    assert set(before) == pairs | {"gateway-vault.keys"}
    assert {mode(path) for path in tmp_path.glob("*.key*")} == {0o600}
    key_id, _, master = before["gateway-vault.keys"].decode().strip().partition(":")
    assert (key_id.isalnum(), len(base64.b64decode(master))) == (True, 32)
    ensure_keys(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
