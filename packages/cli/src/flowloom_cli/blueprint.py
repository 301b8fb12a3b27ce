"""Put the parts of one platform together: which processes and steps, with which needs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowloom_cli import checkout, environment
from flowloom_cli.parts import run_file
from flowloom_cli.parts.dapr import Dapr, DaprBinaries
from flowloom_cli.parts.kong import CONFIGURATION, kong, render
from flowloom_cli.parts.model import CONTEXT_TOKENS, MODEL_NAME, link_embeddings, model, model_base_url
from flowloom_cli.parts.postgres import Postgres
from flowloom_cli.parts.services import WITH_DATABASE, ServiceSetting, migration, migration_command, service
from flowloom_cli.parts.trust import establish
from flowloom_cli.parts.valkey import valkey
from flowloom_cli.parts.wal_archive import WAL_RECEIVER, wal_receiver
from flowloom_cli.secrets import Secrets, owner_of
from flowloom_cli.supervision.once import run_once
from flowloom_cli.supervision.part import Part, Step
from flowloom_cli.topology import Topology, sidecar

MODEL_URL: Final = "FLOWLOOM_MODEL_BASE_URL"
MODEL_VARIABLES: Final = tuple(
    f"FLOWLOOM_MODEL_{name}"
    for name in (
        "NAME",
        "API_KEY",
        "CONTEXT_TOKENS",
        "CALLS_TOOLS",
        "TEMPERATURE",
        "TOP_P",
        "EXTRA_BODY",
        "READ_TIMEOUT_S",
        "PRICES",
    )
)


@dataclass(frozen=True)
class Blueprint:
    """Everything that the supervisor has to start."""

    parts: tuple[Part, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Site:
    """One platform: where it lives, what it runs and what was said about its environment."""

    home: Path
    topology: Topology
    app_ids: tuple[str, ...]
    secrets: Secrets
    overrides: Mapping[str, str]
    mtls: bool = False
    kong: Path | None = None
    """The program at the edge, where there is one."""
    backups: Path | None = None
    """Where an archive of every change is kept, if anywhere."""
    stores_only: bool = False
    """Services and sidecars are started by somebody else, such as the Dapr CLI."""

    @property
    def plain_env(self) -> dict[str, str]:
        return environment.plain(self.home)

    @property
    def service_env(self) -> dict[str, str]:
        return environment.of_services(self.home, self.overrides)

    @property
    def has_own_model(self) -> bool:
        """Whether the embedded model is served here, because nobody named another endpoint."""
        return MODEL_URL not in self.service_env

    @property
    def log_dir(self) -> Path:
        return self.home / "logs"


def part_names(
    app_ids: Sequence[str],
    *,
    own_model: bool,
    mtls: bool = False,
    edge: bool = False,
    archive: bool = False,
) -> list[str]:
    """Return the process names of a platform, in the order in which people read them."""
    pairs = [name for app_id in app_ids for name in (app_id, sidecar(app_id))]
    stores = ["postgres", "valkey", *(["model"] if own_model else [])]
    return [
        *stores,
        "placement",
        "scheduler",
        *(["sentry"] if mtls else []),
        *(["kong"] if edge else []),
        *([WAL_RECEIVER] if archive else []),
        *pairs,
    ]


def draw(site: Site, binaries: DaprBinaries) -> Blueprint:
    """Render the configuration of a site and describe its processes."""
    postgres = Postgres(site.home, site.topology, site.secrets, env=site.plain_env)
    trust = establish(site.home / "dapr" / "trust", site.app_ids) if site.mtls else None
    dapr = Dapr(site.home, site.topology, binaries, env=site.plain_env, trust=trust)
    dapr.render(checkout.root() / "dapr", postgres=postgres.connection_string("dapr"), secrets=site.secrets)
    setting = _setting(site, postgres)
    if site.stores_only:
        run_file.render(site.home, site.app_ids)
    running = () if site.stores_only else site.app_ids
    own_model = [model(site.home, site.topology, env=site.plain_env)] if site.has_own_model else []
    parts = (
        postgres.part(),
        *_archive(site, postgres),
        valkey(site.home, site.topology, passwords=site.secrets.redis_users, env=site.plain_env),
        *own_model,
        dapr.placement(),
        dapr.scheduler(),
        *([dapr.sentry()] if site.mtls else []),
        *(service(app_id, setting) for app_id in running),
        *(dapr.sidecar(app_id, site.secrets) for app_id in running),
        *([kong(site.kong, site.home, site.topology, env=site.plain_env)] if site.kong else []),
    )
    steps = (
        Step("database cluster", postgres.create_cluster),
        Step("databases", postgres.prepare, needs=("postgres",)),
        *_migrations(site, setting),
        *_edge(site),
    )
    return Blueprint(parts, steps)


def process_of(app_id: str, site: Site) -> Part:
    """Describe one service, for whoever starts it without the supervisor."""
    postgres = Postgres(site.home, site.topology, site.secrets, env=site.plain_env)
    return service(app_id, _setting(site, postgres))


def _archive(site: Site, postgres: Postgres) -> Sequence[Part]:
    if site.backups is None:
        return []
    site.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [wal_receiver(site.backups, postgres, site.topology, site.secrets, env=site.plain_env)]


def _setting(site: Site, postgres: Postgres) -> ServiceSetting:
    return ServiceSetting(
        home=site.home,
        topology=site.topology,
        secrets=site.secrets,
        database_urls={service: postgres.url(service) for service in WITH_DATABASE},
        owner_urls={service: postgres.url(owner_of(service)) for service in WITH_DATABASE},
        model_env=_model_env(site),
        embeddings=link_embeddings(site.home),
        templates=checkout.root() / "examples" / "workflows",
        env=site.service_env,
        page=checkout.built_page(),
    )


def _model_env(site: Site) -> dict[str, str]:
    if site.has_own_model:
        return {
            MODEL_URL: model_base_url(site.topology),
            "FLOWLOOM_MODEL_NAME": MODEL_NAME,
            "FLOWLOOM_MODEL_CONTEXT_TOKENS": str(CONTEXT_TOKENS),
            # So small a model repeats itself without a penalty.
            "FLOWLOOM_MODEL_EXTRA_BODY": '{"repeat_penalty": 1.15}',
        }
    given = site.service_env
    return {name: given[name] for name in (MODEL_URL, *MODEL_VARIABLES) if name in given}


def _migrations(site: Site, setting: ServiceSetting) -> Sequence[Step]:
    return [_migration(site, setting, app_id) for app_id in site.app_ids if app_id in WITH_DATABASE]


def _edge(site: Site) -> Sequence[Step]:
    if site.kong is None:
        return []

    async def write() -> None:
        await asyncio.to_thread(render, site.home, site.topology, secret=site.secrets.edge)

    return [Step(CONFIGURATION, write)]


def _migration(site: Site, setting: ServiceSetting, app_id: str) -> Step:
    async def run() -> None:
        await run_once(
            migration(app_id),
            migration_command(app_id),
            env=setting.migration_environment(app_id),
            log=site.log_dir / f"{app_id}-migrate.log",
            cwd=site.home / "run",
        )

    return Step(migration(app_id), run, needs=("databases",))
