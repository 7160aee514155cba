"""The same shop on DuckDB and on Postgres: every published figure is the same, and a difference of a cent is seen."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from pydantic import SecretStr

from kehu.explain.explain import explain
from kehu.gate.drift import check_drift
from kehu.ops.tables import candidate_schema
from kehu.pipeline.action_lists import action_lines
from kehu.pipeline.build import build_all, build_state, load_landing
from kehu.pipeline.gating import gate_candidate
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.publishing import publish_run
from kehu.pipeline.reporting import write_report
from kehu.pipeline.runs import start_run
from kehu.pipeline.summary import demo_summary
from kehu.release.catalog import find, reading, reading_current
from kehu.release.personal import tagged_columns
from kehu.session import Session
from kehu.settings import Settings, load_settings
from kehu.warehouse.factory import open_warehouse
from tests.support import parity_shop
from tests.support.personal_values import delivered_personal_values, published_personal_columns
from tests.support.postgres_server import Databases
from tests.support.same_tables import Table, differences, published_tables

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

STARTED = datetime.fromisoformat("2026-01-02T03:04:05")
OF_THE_RUN = {"release": frozenset({"published_at", "warehouse"})}
"""What two releases of the same data do not share: when each was published, and where."""
CUSTOMERS = ("people:c9", "shop:c05", "web:c1", "desk:É1", "shop:leap")

Tables = dict[str, Table]


@dataclass(frozen=True)
class Published:
    """One warehouse and the release that it has published."""

    settings: Settings
    release_id: str
    tables: Tables


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases, is_long: bool
) -> Iterator[tuple[Published, Published]]:
    """The shop, landed in two waves, which DuckDB takes together. Both check, publish and draw it.

    Where the long groups run whole, Postgres takes the waves one by one.
    """
    folder = tmp_path_factory.mktemp("parity")
    sources = parity_shop.write_shop(folder / "shop", wave=1)
    shared = {"sources": sources, "timezone": parity_shop.TIMEZONE, "memory_limit": "1GB"}
    duckdb = load_settings(home=folder / "duckdb", **shared)
    postgres = load_settings(home=folder / "postgres", warehouse="postgres", warehouse_dsn=databases.new(), **shared)
    _land(duckdb, postgres)
    if is_long:
        first = start_run(postgres, parity_shop.DAY, STARTED - timedelta(hours=1))
        load_landing(postgres, first)
        build_state(postgres, first)
    parity_shop.write_shop(folder / "shop", wave=2)
    _land(duckdb, postgres)
    on_postgres = _published(postgres)
    yield _published(duckdb), on_postgres


def _land(landed: Settings, copied: Settings) -> None:
    for name in source_names(landed):
        ingest_source(landed, name)
    shutil.copytree(landed.landing_dir, copied.landing_dir, dirs_exist_ok=True)


def _published(settings: Settings) -> Published:
    release_id = start_run(settings, parity_shop.DAY, STARTED)
    build_all(settings, release_id)
    gate_candidate(settings, release_id)
    assert publish_run(settings, release_id).is_current
    write_report(settings)
    return Published(settings, release_id, published_tables(settings, release_id))


def test_every_published_table_is_the_same(both: tuple[Published, Published]) -> None:
    duckdb, postgres = both
    assert len(duckdb.tables["data_quality"].rows) > 500
    assert differences(duckdb.tables, postgres.tables, OF_THE_RUN) == []


OF_TOO_LITTLE = {
    *("churn_risk_calibration", "churn_risk_coefficients", "churn_risk_table", "sales_funnel", "kpi_targets", "alerts"),
    *("fct_loyalty_transactions", "customer_loyalty", "loyalty_lots", "loyalty_summary"),
    *("fct_survey_responses", "customer_satisfaction", "satisfaction_by_segment", "complaints_monthly"),
    *(
        "customer_needs",
        "needs_by_segment",
        "needs_monthly",
        "campaign_response",
        "campaign_summary",
        "next_responders",
    ),
    *("product_associations", "customer_recommendations", "recommendation_record"),
}
"""Of these the shop delivers nothing, or too few events: they are the same while they are empty."""


def test_the_shop_fills_what_is_compared(both: tuple[Published, Published]) -> None:
    tables = both[0].tables
    empty = {name for name, table in tables.items() if not table.rows}
    assert empty - OF_TOO_LITTLE <= {"dim_excluded_customers", "identity_clusters_to_review", "segment_moves"}, empty
    assert {"reactivated", "churned", "loyal", "prospect"} <= _values(tables, "customer_lifecycle", "lifecycle_stage")
    assert {"rfm", "persona", "geographic"} <= _values(tables, "customer_segments", "segmentation")
    assert len(_values(tables, "personas", "persona")) >= 2
    assert any(row is not None for row in _values(tables, "customer_lifetime_value", "predicted_clv"))


def test_a_hostile_customer_is_a_customer_like_any_other(both: tuple[Published, Published]) -> None:
    hostile = parity_shop.HOSTILE_CUSTOMER
    for one in both:
        assert f"desk:{hostile['customer_id']}" in _values(one.tables, "dim_customers", "customer_id")
        assert hostile["city"] in _values(one.tables, "dim_customers", "city")
        assert hostile["interests"] in {
            str(text).lower() for text in _values(one.tables, "customer_segments", "segment")
        }
        assert "desk:9'; --" in _values(one.tables, "fct_orders", "order_id")
        assert "purchases" in explain(one.settings, str(hostile["customer_id"]))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("dim_customers", "one cent"),
        ("segment_summary", "one cent"),
        ("fct_orders", "one row"),
        ("customer_rfm", "one null"),
        ("kpi_monthly", "one sixth decimal"),
        ("customer_lifecycle", "one text"),
    ],
)
def test_a_seeded_difference_is_found_from_both_sides(
    both: tuple[Published, Published], table: str, change: str
) -> None:
    names = (table, "guest_orders_summary")
    duckdb, postgres = ({name: one.tables[name] for name in names} for one in both)
    assert differences(duckdb, postgres) == []
    seeded = {**postgres, table: _changed(postgres[table], change)}
    for left, right in ((duckdb, seeded), (seeded, duckdb)):
        found = differences(left, right)
        assert found and all(line.startswith(f"{table}:") for line in found), found


def test_the_manifests_give_one_checksum(both: tuple[Published, Published]) -> None:
    duckdb, postgres = (find(one.settings, one.release_id) for one in both)
    assert duckdb.content_checksum == postgres.content_checksum
    assert duckdb.freshness == postgres.freshness
    assert duckdb.rules == postgres.rules
    assert {name: table.rows for name, table in duckdb.tables.items()} == {
        name: table.rows for name, table in postgres.tables.items()
    }


def test_the_same_actions_are_listed_with_the_same_names(both: tuple[Published, Published]) -> None:
    duckdb, postgres = (action_lines(one.settings, form="csv", with_personal=True) for one in both)
    assert duckdb == postgres
    assert len(duckdb) > 1
    held_out = "select customer_id from analytics.customer_actions where arm = 'holdout'"
    with reading(both[0].settings, both[0].release_id) as release:
        marketing = {row["customer_id"] for row in csv.DictReader(duckdb) if row["kind"] == "marketing"}
        assert marketing.isdisjoint(row[0] for row in release.rows(held_out))


@pytest.mark.parametrize("customer", CUSTOMERS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_customer_is_explained_in_the_same_words(
    both: tuple[Published, Published], customer: str, language: str
) -> None:
    duckdb, postgres = (explain(one.settings.model_copy(update={"language": language}), customer) for one in both)
    assert customer in duckdb
    assert duckdb == postgres


def test_the_reports_show_the_same(both: tuple[Published, Published]) -> None:
    pages = [(one.settings.reports_dir / f"{one.release_id}.html").read_text(encoding="utf-8") for one in both]
    # what is drawn may differ in the last digit of a double; what is written may not
    texts = [[line for line in page.splitlines() if not line.startswith("<script")] for page in pages]
    assert len(texts[0]) > 400
    assert texts[0] == texts[1]


@pytest.fixture(scope="module")
def served(both: tuple[Published, Published], databases: Databases) -> Published:
    """What DuckDB has computed, published once more to be served from Postgres."""
    computed = both[0]
    home = computed.settings.home.with_name("served")
    shutil.copytree(computed.settings.home, home, symlinks=True, ignore=shutil.ignore_patterns("releases", "published"))
    settings = computed.settings.model_copy(
        update={"home": home, "serve": "postgres", "serve_dsn": SecretStr(databases.new())}
    )
    assert publish_run(settings, computed.release_id).is_current
    write_report(settings)
    return Published(settings, computed.release_id, published_tables(settings, computed.release_id))


def test_what_duckdb_computes_and_postgres_serves_is_the_same(
    both: tuple[Published, Published], served: Published
) -> None:
    computed = both[0]
    assert differences(computed.tables, served.tables, OF_THE_RUN) == []
    here, there = find(computed.settings, computed.release_id), find(served.settings, served.release_id)
    assert here.content_checksum == there.content_checksum
    assert (here.freshness, here.rules, here.batches) == (there.freshness, there.rules, there.batches)
    for customer in CUSTOMERS:
        assert explain(computed.settings, customer) == explain(served.settings, customer)
    pages = [(one.settings.reports_dir / f"{one.release_id}.html").read_text("utf-8") for one in (computed, served)]
    texts = [[line for line in page.splitlines() if not line.startswith("<script")] for page in pages]
    assert texts[0] == texts[1]
    with open_warehouse(computed.settings).session() as session, open_warehouse(served.settings).session() as other:
        assert _drift(computed, session) == _drift(served, other)
    assert "BI reads:" in demo_summary(served.settings)


def test_what_was_delivered_as_personal_is_published_in_tagged_columns_only(both: tuple[Published, Published]) -> None:
    duckdb, _ = both
    delivered = delivered_personal_values(duckdb.settings)
    assert {len(delivered["customers", name]) > 30 for name in ("email", "birth_date", "postal_code")} == {True}
    assert len(delivered["tickets", "text"]) > 3
    tagged = tagged_columns(duckdb.settings, duckdb.release_id)
    assert published_personal_columns(duckdb.tables, delivered, tagged) == set()
    ids = duckdb.tables["dim_customers"]
    for column in ("email", "birth_date", "full_name"):
        kinds = {**ids.kinds, "contact": "text"}
        rows = [
            (*row, f"by mail, {value}") for row, value in zip(ids.rows, delivered["customers", column], strict=False)
        ]
        seeded = {"dim_customers": Table(kinds, rows)}
        assert published_personal_columns(seeded, delivered, tagged) == {("dim_customers", "contact")}
        assert published_personal_columns(seeded, delivered, {"dim_customers": {"contact"}}) == set()


def test_drift_is_judged_alike(both: tuple[Published, Published]) -> None:
    """The candidate against the release that was made of it, then with a month restated and a table shrunk."""
    as_built, changed = [], []
    for one in both:
        schema = candidate_schema(one.release_id)
        with open_warehouse(one.settings).session() as session:
            as_built.append(_drift(one, session))
            month = f"(select max(month) from {schema}.kpi_monthly where is_complete)"
            session.execute(f"update {schema}.kpi_monthly set net_revenue = net_revenue + 1000 where month = {month}")
            session.execute(f"delete from {schema}.segment_summary where segmentation = 'rfm'")
            session.execute(f"alter table {schema}.dim_dates drop column calendar_quarter")
            changed.append(_drift(one, session))
    assert as_built[0] == as_built[1]
    assert {status for *_, status in as_built[1]} == {"passed"}
    assert changed[0] == changed[1]
    failed = {check.partition(":")[0] for _, check, _, status in changed[1] if status == "failed"}
    assert {"restatement", "psi", "column_removed"} <= failed


def _drift(one: Published, session: Session) -> list[tuple[str, str, str, str]]:
    found = check_drift(
        one.settings,
        session,
        partial(reading_current, one.settings),
        release_id=one.release_id,
        as_of=parity_shop.DAY,
        accepted=frozenset(),
        ignored=frozenset({"data_quality"}),
    )
    return sorted((result.table_name, result.check_name, result.observed, result.status) for result in found)


def _values(tables: Tables, table: str, column: str) -> set[object]:
    position = list(tables[table].kinds).index(column)
    return {row[position] for row in tables[table].rows}


def _changed(table: Table, change: str) -> Table:
    if change == "one row":
        return replace(table, rows=table.rows[1:])
    kind, seed = {
        "one cent": ("decimal(18, 2)", lambda value: value + Decimal("0.01")),
        "one null": ("integer", lambda _: None),
        "one sixth decimal": ("double precision", lambda value: value + 0.000001),
        "one text": ("text", lambda value: f"{value} "),
    }[change]
    columns = [number for number, name in enumerate(table.kinds.values()) if name == kind]
    for number, row in enumerate(table.rows):
        for column in columns:
            if row[column] is not None:
                changed = (*row[:column], seed(row[column]), *row[column + 1 :])
                return replace(table, rows=[*table.rows[:number], changed, *table.rows[number + 1 :]])
    raise AssertionError(f"no {kind} to change")
