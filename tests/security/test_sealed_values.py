"""What is sealed opens only in its own place, and a rotation loses nothing (S68)."""

from pathlib import Path

import pytest

from gateway.adapters.key_ring import KeyRing, add_key
from gateway.vault_ports import Place, Sealed, SecretUnreadableError

PLACE = Place("secrets", "workspace-a", "one")
VALUE = "canary-7d1c"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    add_key(tmp_path / "keys")
    return KeyRing(tmp_path / "keys")


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("secrets", "workspace-b", "one"),
        Place("secrets", "workspace-a", "two"),
        Place("webhooks", "workspace-a", "one"),
    ],
)
def test_s68_a_swapped_ciphertext_does_not_open(ring: KeyRing, elsewhere: Place) -> None:
    ours, theirs = ring.seal(PLACE, VALUE), ring.seal(elsewhere, "other")
    assert ring.open(PLACE, ours) == VALUE
    for place, sealed in ((PLACE, theirs), (elsewhere, ours)):
        with pytest.raises(SecretUnreadableError) as caught:
            ring.open(place, sealed)
        assert VALUE not in str(caught.value)


def test_s68_a_changed_ciphertext_does_not_open(ring: KeyRing) -> None:
    sealed = ring.seal(PLACE, VALUE)
    for place in range(len(sealed.data)):
        changed = bytearray(sealed.data)
        changed[place] ^= 1
        with pytest.raises(SecretUnreadableError):
            ring.open(PLACE, Sealed(sealed.key_id, bytes(changed)))


def test_s68_the_drill_of_a_rotation(tmp_path: Path, ring: KeyRing) -> None:
    before = ring.seal(PLACE, VALUE)
    newest = add_key(tmp_path / "keys")
    assert ring.open(PLACE, before) == VALUE
    after = ring.seal(PLACE, ring.open(PLACE, before))
    assert (after.key_id, ring.open(PLACE, after)) == (newest, VALUE)
    lines = (tmp_path / "keys").read_text().splitlines(keepends=True)
    (tmp_path / "keys").write_text(lines[0])
    assert KeyRing(tmp_path / "keys").open(PLACE, after) == VALUE
    with pytest.raises(SecretUnreadableError):
        KeyRing(tmp_path / "keys").open(PLACE, before)
