"""Look before and after: test a configuration without landing; list what is in quarantine."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError, KehuError, UsageError, nearest
from kehu.files.private import close_home
from kehu.pipeline.variables import state_variables
from kehu.session import iterate
from kehu.settings import Settings
from kehu.sources.check import SourceCheck, check_source
from kehu.sources.check_page import check_page
from kehu.sources.config import SourcesConfig, load_sources
from kehu.sources.config_models import SourceBase
from kehu.sources.http.object_listing import Listing
from kehu.sources.registry import open_source
from kehu.warehouse.factory import open_warehouse


def check_sources(settings: Settings, only: str | None = None) -> list[SourceCheck]:
    """Look at every configured source, land nothing; one report a source, also where it does not fit."""
    config = load_sources(settings.sources)
    state_variables(settings, config.for_models)
    close_home(settings)
    entries = config.sources if only is None else [_entry(config, only)]
    return [_checked(settings, entry) for entry in entries]


def describe_source(settings: Settings, name: str, objects: Sequence[str] = ()) -> Iterator[str]:
    """What the system of a source has, a line each: its objects, or those that are named with their fields.

    Raises:
        ConfigurationError: there is no such source, or its kind has no system to ask.
    """
    config = load_sources(settings.sources)
    close_home(settings)
    source = open_source(_entry(config, name), settings)
    if not isinstance(source, Listing):
        raise ConfigurationError(
            "a source of this kind has no system that could be asked", fix="use kehu sources check", source=name
        )
    for listed in source.describe(objects):
        yield from listed.lines()


def _entry(config: SourcesConfig, name: str) -> SourceBase:
    entries = {source.name: source for source in config.sources}
    if name not in entries:
        raise ConfigurationError(
            "no source has this name", fix="see sources.yml", source=name, nearest=nearest(name, entries)
        )
    return entries[name]


def write_check_page(checks: Sequence[SourceCheck], page: Path) -> Path:
    """Write a first look as a page of HTML that needs nothing else."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(check_page(checks), encoding="utf-8")
    return page


def _checked(settings: Settings, entry: SourceBase) -> SourceCheck:
    try:
        return check_source(open_source(entry, settings), settings, _order_statuses(settings, entry))
    except KehuError as error:
        return SourceCheck(entry.name, error=error)


def _order_statuses(settings: Settings, entry: SourceBase) -> dict[str, str]:
    """What statuses of orders mean: what the source says of its own, else the seed."""
    with (settings.dbt_project / "seeds" / "map_order_status.csv").open(encoding="utf-8", newline="") as file:
        seed = {row["delivered_status"]: row["status"] for row in csv.DictReader(file)}
    own = {given: "completed" if status == "refunded" else status for given, status in entry.statuses.items()}
    return {**seed, **own}


def quarantine_counts(settings: Settings) -> list[dict[str, Any]]:
    """How many rows, and values of rows that are kept, of which entity and file are in quarantine, and why."""
    parts = [
        f"select '{name}' as entity, _file as file, reason, reason_column as \"column\", count(*) as rows"
        f" from staging.quarantine_{name} group by _file, reason, reason_column"
        for name in ENTITIES
    ]
    parts.append(
        "select entity, _file as file, column_name || ' cannot be read: the value is left out, the row is kept' as reason,"
        ' column_name as "column", count(*) as rows from staging.quarantined_values group by entity, _file, column_name'
    )
    parts.append(
        "select entity, _file as file, 'rows share a key and differ: see on_duplicate_key in docs/sources.md' as reason,"
        ' null as "column", sum(row_total) as rows from staging.duplicate_keys group by entity, _file'
    )
    sql = " union all ".join(parts) + ' order by entity, file, reason, "column"'
    with open_warehouse(settings).session(read_only=True) as session:
        return list(iterate(session, sql)) if _is_built(session) else []


def quarantined_rows(settings: Settings, entity: str, limit: int) -> list[dict[str, Any]]:
    """Rows of one entity in quarantine, whole: this shows data, so it is only done when asked for."""
    if entity not in ENTITIES:
        raise UsageError(
            "no such entity", fix="use a canonical entity", entity=entity, nearest=nearest(entity, ENTITIES)
        )
    sql = f"select * from staging.quarantine_{entity} order by _file, _row_number limit ?"
    with open_warehouse(settings).session(read_only=True) as session:
        return list(iterate(session, sql, [limit])) if _is_built(session) else []


def _is_built(session: Any) -> bool:
    return bool(
        session.rows(
            "select 1 from information_schema.tables where table_schema = 'staging' and table_name = 'quarantine_orders'"
        )
    )
