"""The processes of a local platform, their names and their ports."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from flowloom_contracts.topics import AppId

APP_IDS: Final = tuple(app_id.value for app_id in AppId)
"""Services in the order that numbers their ports."""

HOST: Final = "127.0.0.1"
BEHIND: Final = "127.0.0.3"
"""Where a sidecar listens that the others find elsewhere; one that listens on HOST announces HOST."""

DEFAULT_PORT: Final = 8080
DEFAULT_PORT_BASE: Final = 18000


@dataclass(frozen=True)
class Topology:
    """Ports of one platform, all on the loopback address; `base` keeps several platforms apart.

    `hosts` names processes that the others find at another address, with the same port: something stands
    in between there, such as the proxy of a fault experiment.
    """

    base: int = DEFAULT_PORT_BASE
    gateway: int = DEFAULT_PORT
    hosts: Mapping[str, str] = field(default_factory=dict)
    edge: bool = False
    """Kong listens on the public port, and the gateway stands behind it."""

    @property
    def postgres(self) -> int:
        return self.base + 1

    @property
    def valkey(self) -> int:
        return self.base + 2

    @property
    def model(self) -> int:
        return self.base + 3

    @property
    def placement(self) -> int:
        return self.base + 4

    @property
    def placement_health(self) -> int:
        return self.base + 5

    @property
    def placement_metrics(self) -> int:
        return self.base + 6

    @property
    def scheduler(self) -> int:
        return self.base + 7

    @property
    def scheduler_health(self) -> int:
        return self.base + 8

    @property
    def scheduler_metrics(self) -> int:
        return self.base + 9

    @property
    def scheduler_client(self) -> int:
        return self.base + 10

    @property
    def scheduler_peer(self) -> int:
        return self.base + 11

    @property
    def placement_raft(self) -> int:
        return self.base + 12

    @property
    def sentry(self) -> int:
        return self.base + 13

    @property
    def sentry_health(self) -> int:
        return self.base + 14

    @property
    def sentry_metrics(self) -> int:
        return self.base + 15

    @property
    def behind_edge(self) -> int:
        return self.base + 16

    @property
    def edge_status(self) -> int:
        return self.base + 17

    def host(self, name: str) -> str:
        """Return the address at which other processes find the process `name`."""
        return self.hosts.get(name, HOST)

    def behind(self, name: str) -> str:
        """Return the address on which a sidecar takes the calls of other sidecars."""
        return HOST if self.host(name) == HOST else BEHIND

    def app(self, app_id: str) -> int:
        """Port on which a service answers its sidecar; the gateway's is the public one without an edge."""
        if app_id == AppId.GATEWAY:
            return self.behind_edge if self.edge else self.gateway
        return self.base + 20 + APP_IDS.index(app_id)

    def dapr_http(self, app_id: str) -> int:
        return self.base + 40 + APP_IDS.index(app_id)

    def dapr_grpc(self, app_id: str) -> int:
        return self.base + 60 + APP_IDS.index(app_id)

    def dapr_internal(self, app_id: str) -> int:
        return self.base + 80 + APP_IDS.index(app_id)

    def dapr_metrics(self, app_id: str) -> int:
        return self.base + 100 + APP_IDS.index(app_id)

    def metrics(self, app_id: str) -> int:
        """Port on which a service's own metrics are read."""
        return self.base + 120 + APP_IDS.index(app_id)

    @property
    def base_url(self) -> str:
        """Address of the public interface."""
        return f"http://{HOST}:{self.gateway}"

    def ports_of(self, name: str) -> Iterator[int]:
        """Yield every port that the process `name` listens on."""
        match name:
            case "postgres" | "valkey" | "model":
                yield getattr(self, name)
            case "placement":
                yield from (
                    self.placement,
                    self.placement_health,
                    self.placement_metrics,
                    self.placement_raft,
                )
            case "scheduler":
                yield from (self.scheduler, self.scheduler_health, self.scheduler_metrics)
                yield from (self.scheduler_client, self.scheduler_peer)
            case "wal-receiver":
                return
            case "kong":
                yield from (self.gateway, self.edge_status)
            case "sentry":
                yield from (self.sentry, self.sentry_health, self.sentry_metrics)
            case _ if name.endswith(SIDECAR_SUFFIX):
                app_id = name.removesuffix(SIDECAR_SUFFIX)
                yield from (self.dapr_http(app_id), self.dapr_grpc(app_id))
                yield from (self.dapr_internal(app_id), self.dapr_metrics(app_id))
            case _:
                yield from (self.app(name), self.metrics(name))


SIDECAR_SUFFIX: Final = "-dapr"


def sidecar(app_id: str) -> str:
    """Return the process name of a service's sidecar."""
    return f"{app_id}{SIDECAR_SUFFIX}"
