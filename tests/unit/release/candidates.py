"""Small candidates made with plain SQL that every warehouse reads, as dbt and the gate would have left them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kehu.ops.checked import note_checked
from kehu.ops.finished import note_finished
from kehu.ops.tables import candidate_schema
from kehu.release.ids import parse_release_id, release_id
from kehu.release.publish import PublishOutcome, publish
from kehu.release.rollback import rollback
from kehu.session import Session
from kehu.settings import Settings, load_settings
from kehu.warehouse.factory import open_warehouse

NOW = datetime(2026, 1, 2, 3, 30, tzinfo=UTC)


def settings_for(home: Path, **overrides: object) -> Settings:
    return load_settings(home=home, threads=1, memory_limit="500MB", **overrides)


def identity(as_of: str, minute: int = 0) -> str:
    return release_id(date.fromisoformat(as_of), datetime(2026, 1, 2, 3, minute, tzinfo=UTC))


DAYS = tuple(identity(f"2018-01-0{day}") for day in range(1, 7))


def add_candidate(settings: Settings, name: str, customers: int = 40, factor: int = 1, gated: bool = True) -> str:
    """A candidate whose figures depend on ``factor``: each of ``customers`` has one order of ``factor`` times its number."""
    as_of = parse_release_id(name).as_of
    with open_warehouse(settings).session() as session:
        schema = candidate_schema(name)
        session.execute(f"create schema {schema}")
        for table, sql in _tables(name, as_of, customers, factor).items():
            session.execute(f"create table {schema}.{table} as {sql}")
        note_finished(session, name, "what it was made from")
        note_checked(session, name, _tables(name, as_of, customers, factor))
        if gated:
            add_check(session, name)
    with open_warehouse(settings, "load").session() as session:
        session.execute("delete from ops.batches")
        session.append("ops.batches", [_batch("b1", "shop", 1), _batch("b2", "shop", 2), _batch("b3", "other", 9)])
    folder = settings.runs_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    batches = [{"batch_id": batch, "source": "shop", "entity": "orders"} for batch in ("b2", "b1")]
    (folder / "run.json").write_text(json.dumps({"release_id": name, "batches": batches}))
    return name


def check_again(session: Session, name: str) -> None:
    """Let the gate have seen a candidate as it is now."""
    tables = session.rows(
        "select table_name from information_schema.tables where table_schema = ?", [candidate_schema(name)]
    )
    note_checked(session, name, [row[0] for row in tables])


def add_check(
    session: Session, name: str, layer: str = "marts", severity: str = "critical", status: str = "passed"
) -> None:
    row = {
        "release_id": name, "layer": layer, "table_name": "dim_customers", "check_name": f"{severity}_{status}",
        "severity": severity, "status": status, "observed": "1", "expected": "1", "reason": "because",
    }  # fmt: skip
    session.append("ops.check_results", [row])


@contextmanager
def ops_session(settings: Settings) -> Iterator[Session]:
    with open_warehouse(settings).session() as session:
        yield session


def events_of(settings: Settings) -> list[tuple[str, str, str | None]]:
    with ops_session(settings) as session:
        rows = session.rows("select release_id, event, previous_release_id from ops.releases order by happened_at")
        return [(row[0], row[1], row[2]) for row in rows]


def published(settings: Settings, name: str, minutes: int = 0, make_current: bool | None = None) -> PublishOutcome:
    """Publish as the pipeline does: under the lock."""
    warehouse = open_warehouse(settings, "publish")
    with warehouse.writing("test"):
        return publish(settings, warehouse, name, NOW + timedelta(minutes=minutes), make_current)


def rolled_back(settings: Settings, target: str | None = None, minutes: int = 60) -> PublishOutcome:
    warehouse = open_warehouse(settings, "publish")
    with warehouse.writing("test"):
        return rollback(settings, warehouse, target, NOW + timedelta(minutes=minutes))


def _batch(batch_id: str, source: str, hour: int) -> dict[str, object]:
    return {
        "batch_id": batch_id, "source": source, "entity": "orders", "mode": "append", "sequence": hour, "row_count": 1,
        "reject_count": 0, "extracted_at": datetime(2026, 1, 1, hour, tzinfo=UTC),
    }  # fmt: skip


def _tables(name: str, as_of: date, customers: int, factor: int) -> dict[str, str]:
    day = f"date '{as_of}'"
    numbers = f"from generate_series(1, {customers}) r(i)"
    return {
        "release": f"""
            select '{name}' as release_id, {day} as as_of_date, timestamp '2026-01-02 03:15:00' as built_at,
                cast(null as timestamp) as published_at, '0.1.0+abc' as code_version, 'duckdb' as warehouse,
                cast(null as varchar) as previous_release_id""",
        "dim_customers": f"""
            select 'shop:' || i as customer_id, (i * {factor})::decimal(18, 2) as net_revenue, {day} as as_of_date
            {numbers}""",
        "fct_orders": f"""
            select 'shop:' || (1000 + i) as order_id, 'shop:' || i as customer_id,
                (i * {factor})::decimal(18, 2) as net_revenue, {day} - (i % 7)::integer as order_date,
                {factor} as factor {numbers}""",
        "segment_summary": f"""
            select 'all' as segmentation, count(*) as customers, (sum(i) * {factor})::decimal(18, 2) as net_revenue,
                {factor} as factor {numbers}""",
        "rfm_cut_points": f"""
            select m as measure, q::decimal(4, 2) as quantile, (q * {factor})::double precision as cut_point
            from (values ('recency_days'), ('frequency'), ('monetary')) a(m), (values (0.2), (0.4), (0.6), (0.8)) b(q)""",
        "clv_parameters": f"""
            select 'all' as segment, m as model_name, 'model' as kind, 'r' as parameter, {factor}::double precision as value,
                m = 'bg_nbd' as is_chosen
            from (values ('bg_nbd'), ('nbd')) a(m)""",
        "data_quality": f"""
            select '{name}' as release_id, 'landing' as layer, 't' as table_name, 't' as "table", 'stale' as check_name,
                'stale' as "check", 'x' as severity, 'x' as status, 'x' as observed, 'x' as expected, 'x' as reason,
                {day} as as_of_date""",
    }
