#!/bin/sh
# Dumps both databases into a new folder below FOLDER: backup.sh FOLDER
#
# METADATA_DSN and WAREHOUSE_DSN say where they are, without passwords (an argument shows in every list of processes), and
# METADATA_PASSWORD and WAREHOUSE_PASSWORD hold those. A dump sees one moment of its database and blocks nobody. The folder
# gets its name when everything in it is written and read back: a folder with a name is a whole backup.
set -eu
umask 077
into=${1:?usage: backup.sh FOLDER}
: "${METADATA_DSN:?where Airflow keeps its metadata}" "${WAREHOUSE_DSN:?where the warehouse is}"
stamp=$(date -u +%Y%m%dT%H%M%SZ)
half="$into/.$stamp.half"
mkdir "$half"
trap 'rm -rf "$half"' EXIT

dump() {
    PGPASSWORD="$3" pg_dump --format=custom --no-password --file="$half/$1.dump" --dbname="$2"
    pg_restore --list "$half/$1.dump" > "$half/$1.list"
}

dump metadata "$METADATA_DSN" "${METADATA_PASSWORD-}"
dump warehouse "$WAREHOUSE_DSN" "${WAREHOUSE_PASSWORD-}"
(cd "$half" && sha256sum metadata.dump warehouse.dump > SHA256SUMS && sync)
mv "$half" "$into/$stamp"
echo "$into/$stamp"
