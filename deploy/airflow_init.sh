#!/bin/sh
# Makes or upgrades Airflow's database, the first administrator and the pool. Safe to run at every start.
set -eu
: "${KEHU_ADMIN_PASSWORD:?the password of Airflow's first administrator}"
airflow db migrate
# Says "already exists" and leaves the user alone at later starts: a changed password stays changed.
airflow users create --role Admin --username "${KEHU_ADMIN_USER:-admin}" --email "${KEHU_ADMIN_EMAIL:-admin@example.com}" \
    --firstname Kehu --lastname Administrator --password="$KEHU_ADMIN_PASSWORD"
airflow pools set kehu_warehouse 1 "Kehu: one writer at a time"
