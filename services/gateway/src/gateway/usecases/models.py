"""Models of a workspace: saved with their keys sealed, tested, and opened for the call that needs one."""

from dataclasses import replace
from typing import Final, NoReturn
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from flowloom_contracts.models import (
    Model,
    ModelEndpoint,
    ModelList,
    ModelTest,
    PlatformModel,
    ResolvedModel,
    ResolveModel,
    SaveModel,
    TestModel,
)
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    UpstreamError,
)
from flowloom_servicekit.ids import is_id, new_id
from flowloom_servicekit.outbound.errors import AddressRefusedError
from flowloom_servicekit.outbound.targets import target
from gateway.desk_ports import SettingsStore
from gateway.domain.etags import etag_of, matches
from gateway.domain.principals import Principal
from gateway.model_ports import ModelCalls, ModelStore, StoredModel
from gateway.vault_ports import Place, Sealed, Vault

log = structlog.get_logger(__name__)

DEFAULT: Final = "default"
MOST: Final = 100


class ModelNotFoundError(NotFoundError):
    """There is no such model in this workspace."""

    title = "Model not found"


class ModelNameTakenError(ConflictError):
    """Another model of the workspace has this name."""

    title = "The name is in use"


class TooManyModelsError(ConflictError):
    """The workspace has as many models as it may."""

    title = "Too many models"


class StaleModelError(PreconditionFailedError):
    """Somebody else saved meanwhile."""

    title = "The model has changed meanwhile"


class ModelIfMatchRequiredError(PreconditionRequiredError):
    """A save must say which state it replaces."""


async def list_models(
    principal: Principal, *, models: ModelStore, settings: SettingsStore, calls: ModelCalls
) -> ModelList:
    """Return the models, the platform's own first; while the orchestrator is away, without that one."""
    stored = await models.all(principal.workspace_id)
    wanted = (await settings.get(principal.workspace_id)).settings.default_model
    chosen = wanted if wanted in {one.spec.name for one in stored} else None
    own = [_shown(one, is_default=one.spec.name == chosen) for one in stored]
    try:
        platform = [_shown_platform(await calls.platform(), is_default=chosen is None)]
    except UpstreamError as error:
        log.warning("the platform's model is not known", error=repr(error))
        platform = []
    return ModelList(items=[*platform, *own])


async def read_model(model_id: str, principal: Principal, *, models: ModelStore) -> Model:
    """Return one model of the workspace."""
    return _shown(await _found(model_id, principal, models), is_default=False)


async def create_model(
    request: SaveModel, principal: Principal, *, models: ModelStore, vault: Vault, clock: Clock
) -> Model:
    """Store a model under a new name."""
    _check(request)
    if len(await models.all(principal.workspace_id)) >= MOST:
        raise TooManyModelsError(f"A workspace has at most {MOST} models; delete one first.")
    model_id = new_id()
    sealed = _sealed(request, Place("models", principal.workspace_id, model_id), vault)
    stored = StoredModel(model_id, _keyless(request), sealed, 1, clock.now())
    if await models.put(principal.workspace_id, stored, over=None) == "name_taken":
        _taken(request)
    return _shown(stored, is_default=False)


async def replace_model(
    model_id: str,
    request: SaveModel,
    principal: Principal,
    *,
    if_match: str | None,
    models: ModelStore,
    vault: Vault,
    clock: Clock,
) -> Model:
    """Store a model over the one that was read; a key stays only for the host that it was given for."""
    if if_match is None:
        raise ModelIfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    _check(request)
    before = await _found(model_id, principal, models)
    if not matches(if_match, etag_of(before.revision)):
        raise StaleModelError("Read it again and repeat the change.")
    sealed = _sealed(request, Place("models", principal.workspace_id, model_id), vault)
    if request.api_key is None and _host(request.base_url) == _host(before.spec.base_url):
        sealed = before.sealed
    stored = replace(
        before,
        spec=_keyless(request),
        sealed=sealed,
        revision=before.revision + 1,
        updated_at=clock.now(),
    )
    outcome = await models.put(principal.workspace_id, stored, over=before.revision)
    if outcome == "name_taken":
        _taken(request)
    if outcome == "stale":
        raise StaleModelError("Read it again and repeat the change.")
    return _shown(stored, is_default=False)


async def delete_model(model_id: str, principal: Principal, *, models: ModelStore) -> None:
    """Delete a model; steps that name it fail from now on."""
    if not is_id(model_id) or not await models.delete(principal.workspace_id, model_id):
        raise ModelNotFoundError(f"No model {model_id[:80]!r} here.")


async def test_model(
    model_id: str, principal: Principal, *, models: ModelStore, vault: Vault, calls: ModelCalls
) -> ModelTest:
    """Ask a stored model one short question; the id `platform` stands for the platform's own."""
    if model_id == "platform":
        return await calls.test(TestModel(endpoint=None))
    stored = await _found(model_id, principal, models)
    return await calls.test(TestModel(endpoint=_endpoint(stored, principal.workspace_id, vault).with_key()))


async def try_model(request: SaveModel, *, calls: ModelCalls) -> ModelTest:
    """Ask a model one short question before it is saved."""
    _check(request)
    endpoint = ModelEndpoint(**_fields(request), api_key=request.api_key or None)
    return await calls.test(TestModel(endpoint=endpoint.with_key()))


async def resolve_model(
    request: ResolveModel, *, models: ModelStore, settings: SettingsStore, vault: Vault
) -> ResolvedModel:
    """Return the endpoint behind a name, with its key; None where the platform's own answers."""
    if not is_id(request.workspace_id):
        return ResolvedModel()
    name = request.name
    if name in (None, DEFAULT):
        name = (await settings.get(request.workspace_id)).settings.default_model
    stored = await models.of_name(request.workspace_id, name) if name else None
    if stored is None:
        return ResolvedModel()
    return ResolvedModel(endpoint=_endpoint(stored, request.workspace_id, vault).with_key())


async def _found(model_id: str, principal: Principal, models: ModelStore) -> StoredModel:
    stored = await models.get(principal.workspace_id, model_id) if is_id(model_id) else None
    if stored is None:
        raise ModelNotFoundError(f"No model {model_id[:80]!r} here.")
    return stored


def _check(request: SaveModel) -> None:
    if request.name == DEFAULT:
        raise _wrong("name", "`default` is the model that the settings name.")
    if request.fallback == request.name:
        raise _wrong("fallback", "Another model, or none.")
    parts = urlsplit(request.base_url)
    if parts.username or parts.query or parts.fragment:
        raise _wrong("base_url", "Only scheme, host, port and path; the key goes into `api_key`.")
    try:
        target(request.base_url)
    except AddressRefusedError as error:
        raise _wrong("base_url", error.detail) from error


def _sealed(request: SaveModel, place: Place, vault: Vault) -> Sealed | None:
    key = request.api_key.get_secret_value() if request.api_key else ""
    return vault.seal(place, key) if key else None


def _endpoint(stored: StoredModel, workspace_id: str, vault: Vault) -> ModelEndpoint:
    key = None
    if stored.sealed is not None:
        key = SecretStr(vault.open(Place("models", workspace_id, stored.id), stored.sealed))
    return ModelEndpoint(**_fields(stored.spec), api_key=key)


def _fields(spec: SaveModel) -> dict[str, object]:
    return {name: getattr(spec, name) for name in ModelEndpoint.model_fields if name != "api_key"}


def _keyless(request: SaveModel) -> SaveModel:
    return request.model_copy(update={"api_key": None})


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _shown(stored: StoredModel, *, is_default: bool) -> Model:
    return Model(
        id=stored.id,
        **_fields(stored.spec),
        has_key=stored.sealed is not None,
        source="workspace",
        is_default=is_default,
        etag=etag_of(stored.revision),
        updated_at=stored.updated_at,
    )


def _shown_platform(found: PlatformModel, *, is_default: bool) -> Model:
    return Model(
        id=None,
        name=DEFAULT,
        kind="openai_compatible",
        **dict(found),
        source="platform",
        is_default=is_default,
    )


def _taken(request: SaveModel) -> NoReturn:
    raise ModelNameTakenError(f"The name {request.name!r} is in use.")


def _wrong(field: str, message: str) -> InvalidRequestError:
    wrong = FieldProblem(path=field, code="invalid_value", message=message)
    return InvalidRequestError(f"{field!r} is not acceptable.", errors=[wrong])
