#!/bin/sh
# Starts the platform, runs the first example on the embedded model, stops it; the run is the last line.
# Usage: example_without_network.sh FOLDER_OF_THE_COMMANDS
set -eu
bin=$1
if "$bin/python" -c 'import socket; socket.create_connection(("192.0.2.1", 9), 2)' 2>/dev/null; then
    echo "this place has a network" >&2
    exit 3
fi
trap '"$bin/flowloom" down >&2' EXIT
"$bin/flowloom" up --detach >&2
"$bin/flowloom" run examples/workflows/first-brief.yaml --json | "$bin/python" -c '
import json, sys
print(json.dumps(json.load(sys.stdin)))'
