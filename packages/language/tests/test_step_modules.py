"""Every kind is either computed here or carried out by a worker."""

import pytest

from flowloom_contracts.workflow import AVAILABLE_KINDS, STEP_KINDS, STEP_MODELS
from flowloom_language.outcomes import load
from flowloom_language.plan import SLOW_KINDS


def test_every_available_kind_belongs_to_the_language() -> None:
    assert set(AVAILABLE_KINDS) <= set(STEP_KINDS)
    assert {kind: kind in model.model_fields for kind, model in STEP_MODELS.items()} == dict.fromkeys(
        AVAILABLE_KINDS, True
    )


@pytest.mark.parametrize("kind", AVAILABLE_KINDS)
def test_a_kind_has_a_module_here_exactly_when_it_only_computes(kind: str) -> None:
    if kind in SLOW_KINDS:
        with pytest.raises(ModuleNotFoundError):
            load(kind)
    else:
        assert callable(load(kind).run)
