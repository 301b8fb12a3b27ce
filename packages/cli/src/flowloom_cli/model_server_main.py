"""Serve one gguf file in OpenAI's dialect; arguments: file, port, name, context tokens."""

import os
import signal
import sys

import xllamacpp

from flowloom_cli.topology import HOST

PARALLEL_REQUESTS = 2


def main(path: str, port: int, name: str, context_tokens: int) -> None:
    """Serve until the process is told to end."""
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.model_alias = {name}
    params.hostnames = [HOST]
    params.port = port
    params.n_parallel = PARALLEL_REQUESTS
    params.n_ctx = context_tokens * PARALLEL_REQUESTS
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 2) - 1)
    params.cpuparams_batch.n_threads = params.cpuparams.n_threads
    params.cache_ram_mib = 256
    params.ui = False
    params.warmup = True
    ends = {signal.SIGTERM, signal.SIGINT}
    # Before the server's threads start, which inherit the mask: else one of them takes the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server = xllamacpp.Server(params)
    print(f"serving {name} on {server.listening_address}", flush=True)
    signal.sigwait(ends)
    # The native server joins its threads only when all requests have ended; the supervisor does not wait.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
