"""The port plan: no two processes share a port."""

from flowloom_cli.blueprint import part_names
from flowloom_cli.topology import APP_IDS, Topology


def test_gives_every_process_ports_of_its_own() -> None:
    topology = Topology(base=18000, gateway=8080, edge=True)
    names = part_names(APP_IDS, own_model=True, mtls=True, edge=True)
    ports = [port for name in names for port in topology.ports_of(name)]
    assert len(ports) == len(set(ports))
    assert max(ports) < 32768
    assert len(names) == 7 + 2 * len(APP_IDS)


def test_leaves_the_model_out_when_another_endpoint_is_named() -> None:
    assert "model" not in part_names(APP_IDS, own_model=False)


def test_keeps_platforms_of_different_bases_apart() -> None:
    names = part_names(APP_IDS, own_model=True)
    one, other = Topology(19000, 19020), Topology(20000, 20020)
    ports = [{port for name in names for port in topology.ports_of(name)} for topology in (one, other)]
    assert not ports[0] & ports[1]


def test_finds_a_process_behind_a_proxy_at_its_address_and_all_others_on_loopback() -> None:
    topology = Topology(hosts={"valkey": "127.0.0.2", "memory-dapr": "127.0.0.2"})
    assert topology.host("valkey") == "127.0.0.2"
    assert topology.host("postgres") == "127.0.0.1"
    assert topology.behind("gateway-dapr") == "127.0.0.1"
    assert topology.behind("memory-dapr") not in ("127.0.0.1", "127.0.0.2")
