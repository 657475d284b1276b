#!/bin/sh
# What of the entry point of postgres:18 docker-compose.yml uses: as root it reads the password and
# becomes the user `postgres`, who makes the cluster at the first start.
set -eu

if [ "$(id -u)" = 0 ]; then
  POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  export POSTGRES_PASSWORD
  mkdir -p "$PGDATA"
  chown -R postgres:postgres /var/lib/postgresql/18
  chmod 0700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --init-groups sh "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
  # Split on purpose, as in the image.
  initdb --username=postgres --pwfile=/tmp/password --pgdata="$PGDATA" $POSTGRES_INITDB_ARGS
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
fi
unset POSTGRES_PASSWORD
exec "$@"
