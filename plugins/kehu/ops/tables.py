"""Schema ``ops`` of the working warehouse: what was landed, run, checked and released. BI never sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BETWEEN_COLUMNS = re.compile(r",\s*(?![^(]*\))")

OPS_TABLES: dict[str, str] = {
    "batches": """
        batch_id varchar, source varchar, entity varchar, mode varchar, sequence bigint, row_count bigint,
        reject_count bigint, delivered_columns varchar, timezone varchar, window_column varchar, window_from date, window_to date,
        extracted_at timestamp, file varchar, is_withdrawn boolean, withdrawal_count bigint""",
    "sources": "source varchar, entity varchar, is_required boolean",
    "runs": """
        release_id varchar, as_of_date date, built_at timestamp, code_version varchar, warehouse varchar,
        previous_release_id varchar, state_fingerprint varchar""",
    "node_results": """
        release_id varchar, step varchar, attempt integer, node_id varchar, resource_type varchar, status varchar,
        seconds double precision, message varchar, failures bigint, finished_at timestamp""",
    "check_results": """
        release_id varchar, layer varchar, table_name varchar, check_name varchar, severity varchar, status varchar,
        observed varchar, expected varchar, reason varchar""",
    "checked_tables": "release_id varchar, table_name varchar, row_count bigint, checksum varchar",
    "releases": """
        release_id varchar, as_of_date date, event varchar, previous_release_id varchar, happened_at timestamp""",
    "steps": "release_id varchar, step varchar, made_from varchar",
    "state": "fingerprint varchar, code varchar, finished_at timestamp",
    "state_batches": "batch_id varchar, is_held boolean, is_withdrawn boolean",
    "state_tests": "check_name varchar, status varchar, failures bigint",
    "published_rfm_cut_points": """
        release_id varchar, measure varchar, quantile decimal(4, 2), cut_point double precision""",
    "published_clv_parameters": """
        release_id varchar, segment varchar, model_name varchar, kind varchar, parameter varchar, value double precision""",
    "published_persona_centres": """
        release_id varchar, persona varchar, measure varchar, level double precision, centre double precision, label_rank integer,
        last_number integer""",
    "erasures": "erasure_id varchar",
}
"""Columns of every bookkeeping table, as DDL that DuckDB and Postgres both read.

``batches.delivered_columns`` lists the canonical columns that the batch delivered, with a comma before and after each.
``batches.sequence`` orders the batches by landing; one that ``is_withdrawn`` was taken back, and ``withdrawal_count`` says how
often it was taken back or put back. ``checked_tables`` is what the gate saw of a candidate: see ``checked.py``.
``steps.made_from`` is a digest of what the nodes of a step that is under way were built from: see ``pipeline/validity``; a step
``finished`` says that the candidate is whole.
``state_batches.is_held`` is false while a build is under way that takes the batch in, withdraws it or puts it back, and null in a
warehouse of an earlier version, which held them all; ``state_batches.is_withdrawn`` is null there, and counts as false.
``erasures`` names those that the warehouse has been through. ``check_results.status`` is passed, failed, error, skipped,
accepted.
"""

STATE_TABLES = ("batches", "state", "state_batches", "state_tests", "steps")
"""Bookkeeping tables that speak of what is in the other schemas: empty where those are."""

SCHEMAS = ("landing", "ops", "seeds", "staging", "intermediate", "work")
"""Persistent schemas; a candidate has its own, named by ``candidate_schema``."""


def ops_columns() -> Iterator[tuple[str, str, str]]:
    """Table, name and type of every column of the bookkeeping tables."""
    for table, columns in OPS_TABLES.items():
        for column in _BETWEEN_COLUMNS.split(columns.strip()):
            name, _, kind = column.partition(" ")
            yield table, name, kind


def make_ops() -> Iterator[str]:
    """The statements that make the bookkeeping tables, and the columns that a newer version of Kehu has added to them."""
    for table, columns in OPS_TABLES.items():
        yield f"create table if not exists ops.{table} ({columns})"
    for table, name, kind in ops_columns():
        yield f"alter table ops.{table} add column if not exists {name} {kind}"


def candidate_schema(release_id: str) -> str:
    """The schema in which the marts of a release are built."""
    return f"candidate_{release_id}"


def features_schema(release_id: str) -> str:
    """The schema of what the marts and the purchase models of a release stand on."""
    return f"{candidate_schema(release_id)}_features"


def scores_schema(release_id: str) -> str:
    """The schema into which the purchase models of a release are scored."""
    return f"{candidate_schema(release_id)}_scores"


def personas_schema(release_id: str) -> str:
    """The schema into which the personas of a release are written."""
    return f"{candidate_schema(release_id)}_personas"
