"""What every model of the contracts has in common: it is frozen and says which way it travels."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

import flowloom_contracts
from flowloom_contracts.base import Document, Event, Request, Response


def models() -> Iterator[type[BaseModel]]:
    for module in pkgutil.walk_packages(flowloom_contracts.__path__, "flowloom_contracts."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.name:
                yield value


MODELS = [model for model in models() if model.__module__ != "flowloom_contracts.base"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_is_frozen_and_says_which_way_it_travels(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen"), "models are facts"
    directions = [base for base in (Request, Response, Event, Document) if issubclass(model, base)]
    assert len(directions) == 1, "derive from Request, Response, Event or Document"
    wanted = "forbid" if directions[0] in (Request, Document) else "ignore"
    assert model.model_config.get("extra") == wanted
