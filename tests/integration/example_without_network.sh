#!/bin/sh
# Starts the platform, runs the first example on the embedded model, stops it; the last two lines are the run and
# its steps.
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
import json, os, sys, urllib.request
run = json.load(sys.stdin)
with open(os.path.join(os.environ["FLOWLOOM_HOME"], "owner.json")) as file:
    owner = json.load(file)
asked = urllib.request.Request(
    owner["base_url"] + "/v1/runs/" + run["id"] + "/steps", headers={"X-API-Key": owner["api_key"]}
)
with urllib.request.urlopen(asked, timeout=10) as answer:
    steps = json.load(answer)
print(json.dumps(run))
print(json.dumps(steps))'
