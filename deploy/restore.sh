#!/bin/sh
# Puts one database back as it was at the moment of its backup: restore.sh BACKUP metadata|warehouse
#
# All or nothing: one transaction. It refuses a damaged backup, and a database that somebody is connected to. The roles that
# own the warehouse's tables have to be there: `kehu warehouse init` makes them. Variables as in backup.sh.
set -eu
backup=${1:?usage: restore.sh BACKUP metadata|warehouse}
case ${2-} in
    metadata) dsn=${METADATA_DSN:?where Airflow keeps its metadata} PGPASSWORD=${METADATA_PASSWORD-} ;;
    warehouse) dsn=${WAREHOUSE_DSN:?where the warehouse is} PGPASSWORD=${WAREHOUSE_PASSWORD-} ;;
    *) echo "usage: restore.sh BACKUP metadata|warehouse" >&2; exit 2 ;;
esac
export PGPASSWORD
if ! (cd "$backup" && sha256sum --quiet --check SHA256SUMS); then
    echo "restore: $backup is damaged or not a backup; nothing was changed. Take another one." >&2
    exit 1
fi
others=$(psql --no-psqlrc --no-password --tuples-only --no-align --dbname="$dsn" --command="
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'")
if [ "$others" != 0 ]; then
    echo "restore: $others connections to the database are open; nothing was changed. Stop Airflow and BI first." >&2
    exit 1
fi
pg_restore --no-password --clean --if-exists --single-transaction --exit-on-error --dbname="$dsn" "$backup/$2.dump"
psql --no-psqlrc --no-password --quiet --dbname="$dsn" --command="analyze"
echo "restore: $2 is as it was in $backup"
