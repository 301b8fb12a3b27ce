"""The MiniLM sentence model on onnxruntime: tokens, mean pooling, unit length.

Imported at first use only: onnxruntime takes 50 MB, and must find its environment prepared.
"""

from collections.abc import Sequence
from typing import Final, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from memory.adapters.model_files import ModelFiles
from memory.domain.texts import Embedding

MAX_TOKENS: Final = 256


class MiniLm:
    """The loaded model, about 130 MB; safe to call from several threads."""

    def __init__(self, files: ModelFiles) -> None:
        self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.enable_truncation(max_length=MAX_TOKENS)
        self._tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106 - the model's padding word, not a password
        self._session = onnxruntime.InferenceSession(
            str(files.model), sess_options=_options(), providers=["CPUExecutionProvider"]
        )

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Return one unit vector for each text."""
        encodings = self._tokenizer.encode_batch(list(texts))
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = cast(NDArray[np.float32], self._session.run(None, feeds)[0])
        return [tuple(vector.tolist()) for vector in _pooled(hidden, mask)]


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # Threads are ours (one call, one thread), and an idle service must not burn a core waiting for work.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps the memory of the largest batch for ever; without it a call is no slower here.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options


def _pooled(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean over the real tokens of each text, at length 1."""
    weights = mask[..., None].astype(np.float32)
    means = (hidden * weights).sum(axis=1) / np.clip(weights.sum(axis=1), 1e-9, None)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return cast(NDArray[np.float32], (means / np.clip(lengths, 1e-12, None)).astype(np.float32))
