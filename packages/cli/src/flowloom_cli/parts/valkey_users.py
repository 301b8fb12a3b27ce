"""Who may do what in Valkey: a user for each service, one for the sidecars, and no default user.

What nobody is given nobody can do: CONFIG, DEBUG, FLUSHALL, KEYS, MODULE, REPLICAOF, SHUTDOWN and the like.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from flowloom_contracts.topics import (
    AGENT_APP_IDS,
    CONTROL_CHANNEL,
    WARM_UP_CHANNEL,
    AppId,
    Topic,
    dead_letter,
)

SIDECARS: Final = "sidecars"
OPERATOR: Final = "operator"
"""For a person with a terminal, and for tests: everything."""

PROBE: Final = "probe"
"""May ask whether the server answers; health checks use it."""

MONITORING: Final = "monitoring"
"""May ask how the server is, and for no key; the exporter of metrics uses it."""

_CONNECT: Final = "-@all +@connection -client +client|setinfo +client|setname +client|id +ping"
_DATA: Final = "+@stream +@hash +exists +ttl +persist +del +expire +pexpire +multi +exec +discard"
# A script may do no more than its caller.
_SCRIPTS: Final = "+evalsha +script|load"
_LIVE: Final = f"{_CONNECT} {_DATA} {_SCRIPTS} +info"
_RUNS: Final = "~stream:{run:* ~meta:{run:*"
_PEOPLE: Final = "~stream:{user:* ~meta:{user:* ~stream:{chat:* ~meta:{chat:*"
_CHANNELS: Final = f"&{CONTROL_CHANNEL} &{WARM_UP_CHANNEL} +publish +subscribe +unsubscribe"
_TOPICS: Final = " ".join(f"~{name}" for topic in Topic for name in (topic.value, dead_letter(topic)))

# What the scripts of the rate limits do, to keys of their own.
_RATES: Final = "~rates:* +get +set +incrby +pttl +rename"

# Counts calls of MCP servers.
_MCP: Final = "~mcp:* +set +incrby"

_AGENT: Final = f"{_RUNS} ~stream:{{chat:* ~meta:{{chat:* {_CHANNELS}"

RULES: Final[Mapping[str, str]] = {
    # Follows the streams of runs, writes those of people, wakes its own reader, counts rates.
    AppId.GATEWAY.value: f"{_LIVE} %R~stream:{{run:* %R~meta:{{run:* {_PEOPLE} ~wake:{{* {_RATES}",
    AppId.ORCHESTRATOR.value: f"{_LIVE} {_RUNS} {_PEOPLE} {_CHANNELS} {_MCP}",
    AppId.MEMORY.value: _CONNECT,
    **{app_id.value: f"{_LIVE} {_AGENT}" for app_id in AGENT_APP_IDS},
    # The cache component prefixes its keys with its name and stores by a script of its own.
    SIDECARS: f"{_CONNECT} +@hash +@stream +@keyspace -keys -scan -flushall -flushdb -migrate -swapdb"
    f" -move -copy -restore -dump +@scripting -function -script +script|load +multi +exec +discard"
    f" +watch +unwatch +info ~cache||* {_TOPICS}",
    OPERATOR: "+@all ~* &*",
    PROBE: "-@all +ping",
    MONITORING: "-@all +@connection -client +client|setname +ping +info +latency|latest +latency|histogram"
    " +slowlog|len",
}


def users_file(passwords: Mapping[str, str]) -> str:
    """Return the text of an ACL file; it holds hashes of the passwords, one for each of RULES."""
    lines = ["user default off resetpass resetkeys resetchannels -@all"]
    for name, rules in RULES.items():
        digest = hashlib.sha256(passwords[name].encode()).hexdigest()
        lines.append(f"user {name} on sanitize-payload #{digest} resetchannels {rules}")
    return "\n".join(lines) + "\n"
