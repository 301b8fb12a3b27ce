#!/usr/bin/env bash
# Gives Kibana, Filebeat and a reader their users, and lines of containers their index.
set -euo pipefail

# Passwords go through a descriptor: a command line can be seen by others.
ask() {
  curl --silent --show-error --fail-with-body --output /dev/null --max-time 30 --retry 5 --retry-connrefused \
    --request "$1" --header "Content-Type: application/json" --data-binary @- \
    --config <(printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD") "http://elasticsearch:9200$2"
}

ask POST /_security/user/kibana_system/_password <<<"{\"password\": \"$KIBANA_SYSTEM_PASSWORD\"}"

# Filebeat may add lines and read none.
ask PUT /_security/role/flowloom_writer <<<'{
  "cluster": ["monitor"],
  "indices": [{"names": ["logs-flowloom-*"], "privileges": ["create_doc", "auto_configure"]}]
}'
ask PUT /_security/user/flowloom_filebeat \
  <<<"{\"password\": \"$FILEBEAT_PASSWORD\", \"roles\": [\"flowloom_writer\"]}"

# Who looks: everything of Kibana, and nothing of the cluster.
ask PUT /_security/user/operator <<<"{\"password\": \"$OPERATOR_PASSWORD\", \"roles\": [\"editor\"]}"

ask PUT /_index_template/flowloom </prepare/template.json
echo "users and index are ready"
