"""The processes of a local platform, their names and their ports."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flowloom_contracts.topics import AppId

APP_IDS: Final = tuple(app_id.value for app_id in AppId)
"""Services in the order that numbers their ports."""

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080
DEFAULT_PORT_BASE: Final = 18000


@dataclass(frozen=True)
class Topology:
    """Ports of one platform, all on the loopback address; `base` keeps several platforms apart."""

    base: int = DEFAULT_PORT_BASE
    gateway: int = DEFAULT_PORT

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

    def app(self, app_id: str) -> int:
        """Port on which a service answers its sidecar; the gateway's is the public one."""
        if app_id == AppId.GATEWAY:
            return self.gateway
        return self.base + 20 + APP_IDS.index(app_id)

    def dapr_http(self, app_id: str) -> int:
        return self.base + 40 + APP_IDS.index(app_id)

    def dapr_grpc(self, app_id: str) -> int:
        return self.base + 60 + APP_IDS.index(app_id)

    def dapr_internal(self, app_id: str) -> int:
        return self.base + 80 + APP_IDS.index(app_id)

    def dapr_metrics(self, app_id: str) -> int:
        return self.base + 100 + APP_IDS.index(app_id)

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
            case _ if name.endswith(SIDECAR_SUFFIX):
                app_id = name.removesuffix(SIDECAR_SUFFIX)
                yield from (self.dapr_http(app_id), self.dapr_grpc(app_id))
                yield from (self.dapr_internal(app_id), self.dapr_metrics(app_id))
            case _:
                yield self.app(name)


SIDECAR_SUFFIX: Final = "-dapr"


def sidecar(app_id: str) -> str:
    """Return the process name of a service's sidecar."""
    return f"{app_id}{SIDECAR_SUFFIX}"
