"""A seed always means the same faults, and every kind and target has its turn."""

from collections import Counter

from tests.chaos.schedule import EVERYTHING, PROXIED, episode

MANY = 2000


def test_gives_the_same_episode_for_the_same_seed() -> None:
    assert [episode(seed) for seed in range(50)] == [episode(seed) for seed in range(50)]
    assert episode(1) != episode(2)


def test_has_one_fault_to_three_and_every_target_has_its_turn() -> None:
    episodes = [episode(seed) for seed in range(MANY)]
    assert {len(one.faults) for one in episodes} == {1, 2, 3}
    faults = [fault for one in episodes for fault in one.faults]
    assert {fault.target for fault in faults if fault.kills} == set(EVERYTHING)
    assert {fault.target for fault in faults if fault.kind == "cut"} == set(PROXIED)
    assert all(0 < fault.after_s <= 2.5 and 1 <= fault.lasts_s <= 8 for fault in faults)
    kinds = Counter(fault.kind for fault in faults)
    assert len(kinds) == 9


def test_only_kills_when_told() -> None:
    faults = [fault for seed in range(100) for fault in episode(seed, most_faults=8, kills_only=True).faults]
    assert all(fault.kills for fault in faults)
