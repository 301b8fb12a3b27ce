#!/bin/sh
# One role and one schema for each owner; runs once, when the data volume is empty.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname flowloom <<SQL
REVOKE ALL ON DATABASE flowloom FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;
SQL
for owner in gateway orchestrator memory dapr; do
  variable="PASSWORD_$(printf '%s' "$owner" | tr '[:lower:]' '[:upper:]')"
  password=$(printenv "$variable")
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname flowloom \
    -v role="flowloom_$owner" -v owner="$owner" -v password="$password" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
GRANT CONNECT ON DATABASE flowloom TO :"role";
CREATE SCHEMA :"owner" AUTHORIZATION :"role";
ALTER ROLE :"role" SET search_path = :"owner", public;
SQL
done
