#!/bin/sh
# Roles and one schema for each owner; runs once, when the data volume is empty. A service that keeps workspaces
# apart owns nothing: its tables belong to <role>_owner, and <role>_platform sees the rows of all workspaces.
set -eu

run() {
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname flowloom "$@"
}

password_of() {
  printenv "PASSWORD_$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]')"
}

login() {
  run -v role="flowloom_$1" -v schema="$2" -v password="$(password_of "$1")" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
GRANT CONNECT ON DATABASE flowloom TO :"role";
ALTER ROLE :"role" SET search_path = :"schema", public;
SQL
}

run <<'SQL'
REVOKE ALL ON DATABASE flowloom FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;
SQL

login dapr dapr
# Reads how the server is, and no row of a table.
login monitoring public
run -c 'GRANT pg_monitor TO flowloom_monitoring'
run -c 'CREATE SCHEMA dapr AUTHORIZATION flowloom_dapr'

for service in gateway orchestrator memory; do
  login "$service" "$service"
  login "${service}_owner" "$service"
  run -v schema="$service" -v role="flowloom_$service" -v owner="flowloom_${service}_owner" \
    -v platform="flowloom_${service}_platform" <<'SQL'
CREATE ROLE :"platform" NOLOGIN;
GRANT :"platform" TO :"role" WITH INHERIT FALSE, SET TRUE;
CREATE SCHEMA :"schema" AUTHORIZATION :"owner";
GRANT USAGE ON SCHEMA :"schema" TO :"role", :"platform";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA :"schema"
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"role", :"platform";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA :"schema" GRANT USAGE ON SEQUENCES TO :"role", :"platform";
SQL
done
