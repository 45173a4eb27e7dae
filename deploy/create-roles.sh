#!/bin/sh
# Runs once, when the postgres container makes its cluster: two roles, one database, the extensions.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname template1 <<'SQL'
\getenv owner_password UNDERPIN_OWNER_PASSWORD
\getenv app_password UNDERPIN_APP_PASSWORD
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE ROLE underpin_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE underpin_app LOGIN PASSWORD :'app_password';
CREATE DATABASE underpin OWNER underpin_owner;
SQL
