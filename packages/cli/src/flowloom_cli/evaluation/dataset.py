"""Datasets in files."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from flowloom_cli.documents import read_document
from flowloom_cli.errors import UsageError
from flowloom_contracts.evaluation import Dataset
from flowloom_language.evaluation.scoring import wrong_expressions

MOST_PROBLEMS: Final = 10


def read_dataset(path: Path) -> Dataset:
    """Return the dataset of a YAML or JSON file; raises UsageError that names each place and what to do."""
    try:
        found = yaml.safe_load(read_document(path))
        dataset = Dataset.model_validate(found)
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        told = [f"{'.'.join(map(str, one['loc'])) or 'dataset'}: {one['msg']}" for one in error.errors()]
        raise UsageError(f"{path} is not a dataset", hint="; ".join(told[:MOST_PROBLEMS])) from error
    for wrong in wrong_expressions(dataset):
        raise UsageError(f"{path}: {wrong.told}")
    return dataset
