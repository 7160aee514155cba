"""A candidate may move away from what BI reads only so far, unless somebody says by name that it is meant to."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from functools import partial
from math import log
from typing import Any

import pytest
import yaml

from kehu.errors import CandidateRejected
from kehu.gate.accepted import accepted_names
from kehu.gate.drift import check_drift
from kehu.gate.results import READABLE, CheckResult
from kehu.release.catalog import reading_current
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from tests.unit.gate.small_release import AS_OF, RELEASE, SCHEMA, check_candidate, make_tables, publish, run_sql

pytestmark = pytest.mark.slow

SHARES = {
    "segment_summary": """
        select * from (values
            ('lifecycle', 'active', 0.75), ('lifecycle', 'churned', 0.25), ('rfm', 'loyal', 0.5), ('rfm', 'new', 0.5)
        ) as segments (segmentation, segment, share_of_customers)"""
}


def rows(count: int) -> str:
    return f"select 'shop:' || i as order_id, i::decimal(18, 2) as net_revenue from range({count}) as orders (i)"


def months(*revenues: float, column: str = "net_revenue") -> dict[str, str]:
    values = ", ".join(
        f"(date '2017-{month:02}-01', {revenue}::decimal(18, 2))" for month, revenue in enumerate(revenues, 9)
    )
    return {"kpi_monthly": f"select * from (values {values}) as months (month, {column})"}


def drift(settings: Settings, as_of: date = AS_OF, accept: Sequence[str] = ()) -> dict[str, CheckResult]:
    """The drift checks by name."""
    with DuckDBWarehouse(settings).session() as session:
        found = check_drift(
            settings,
            session,
            partial(reading_current, settings),
            release_id=RELEASE,
            as_of=as_of,
            accepted=accepted_names(accept),
            ignored=frozenset({"data_quality"}),
        )
    by_name = {result.check_name: result for result in found}
    assert len(by_name) == len(found), "the grain is check × release"
    return by_name


def test_nothing_to_compare_with_is_recorded_as_skipped(home: Settings) -> None:
    found = drift(home)["drift"]

    assert (found.status, found.observed) == ("skipped", "no earlier release")


def test_a_release_of_a_later_day_is_not_compared(home: Settings) -> None:
    publish(home, "2018-01-02", {"fct_orders": rows(5000)})

    assert [(r.status, r.observed) for r in drift(home).values()] == [
        ("skipped", "r20171201_20260101t000000 is of a later day")
    ]


def test_a_release_of_the_same_day_is_compared(home: Settings) -> None:
    publish(home, "2018-01-01", {"fct_orders": rows(5000)})

    assert drift(home)["shrink:fct_orders"].status == "failed"


def test_the_published_release_is_not_changed(home: Settings) -> None:
    folder = publish(home, "2017-12-01", {"fct_orders": rows(5)})
    before = (folder / "kehu.duckdb").read_bytes()

    drift(home)
    drift(home)

    assert (folder / "kehu.duckdb").read_bytes() == before
    assert not (folder / "kehu.duckdb.wal").exists()


def test_a_column_or_a_table_that_is_gone_fails(home: Settings) -> None:
    published = "select 'x' as order_id, 1.00::decimal(18, 2) as net_revenue, 2 as channel"
    publish(home, "2017-12-01", {"fct_orders": published, "dim_shops": "select 1 as shop_id"})

    found = drift(home)

    assert (found["column_removed:fct_orders"].status, found["column_removed:fct_orders"].observed) == (
        "failed",
        "gone: channel",
    )
    assert found["column_removed:dim_shops"].observed == "gone: the whole table"
    assert found["column_removed:release"].status == "passed"


def test_new_columns_and_tables_are_welcome(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": "select 'x' as order_id"})

    assert {result.status for result in drift(home).values()} == {"passed"}


def test_a_retyped_column_fails(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": "select 1::bigint as order_id, 1.0::decimal(18, 2) as net_revenue"})

    found = drift(home)["column_retyped:fct_orders"]

    assert (found.status, found.observed) == ("failed", "order_id BIGINT → VARCHAR")


def test_the_results_of_the_gate_are_not_compared(home: Settings) -> None:
    publish(home, "2017-12-01", {"data_quality": "select 'x' as status"})

    assert not any("data_quality" in name for name in drift(home))


@pytest.mark.parametrize(
    ("old", "new", "as_of", "shrinks", "grows"),
    [
        pytest.param(1000, 1000, date(2018, 1, 1), "passed", "passed", id="the same"),
        pytest.param(1000, 999, date(2018, 1, 1), "failed", "passed", id="one row less"),
        pytest.param(1000, 1203, date(2018, 1, 1), "passed", "passed", id="31 days allow 20.4 per cent"),
        pytest.param(1000, 1204, date(2018, 1, 1), "passed", "failed", id="and no row more"),
        pytest.param(1000, 1200, date(2017, 12, 1), "passed", "passed", id="the same day allows one month's growth"),
        pytest.param(1000, 1201, date(2017, 12, 1), "passed", "failed", id="the same day allows no more than that"),
        pytest.param(1000, 1400, date(2018, 2, 1), "passed", "passed", id="two months allow twice as much"),
    ],
)
def test_facts_do_not_shrink_or_grow_too_fast(
    home: Settings, old: int, new: int, as_of: date, shrinks: str, grows: str
) -> None:
    publish(home, "2017-12-01", {"fct_orders": rows(old)})
    make_tables(home, {"fct_orders": rows(new)})

    found = drift(home, as_of)

    assert (found["shrink:fct_orders"].status, found["growth:fct_orders"].status) == (shrinks, grows)
    assert found["growth:fct_orders"].observed == f"{old} → {new} rows"


def test_small_tables_and_aggregates_may_change_their_size(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": rows(999), "customer_rfm": rows(5000)})
    make_tables(home, {"customer_rfm": rows(10)})

    assert not any(name.startswith(("shrink", "growth")) for name in drift(home))


def test_a_closed_month_is_not_restated(home: Settings) -> None:
    publish(home, "2017-11-30", months(1000, 1000, 1000))
    make_tables(home, months(995, 1005.01, 990, 400))

    found = {name: result for name, result in drift(home).items() if name.startswith("restatement")}

    assert {name: result.status for name, result in found.items()} == {
        "restatement:2017-10": "failed",
        "restatement:2017-11": "failed",
    }, "September moved by 0.5 per cent exactly; December was not published yet"
    assert found["restatement:2017-11"].observed == "revenue 1000.00 → 990.00"


def test_a_month_that_had_not_ended_may_change(home: Settings) -> None:
    publish(home, "2017-11-29", months(1000, 1000, 300))
    make_tables(home, months(1000, 1000, 900))

    found = drift(home)["restatement"]

    assert (found.status, found.observed) == ("passed", "none of 2 months")


def test_a_month_that_appears_or_disappears_is_restated(home: Settings) -> None:
    publish(home, "2017-12-31", months(1000, 1000))
    make_tables(home, {"kpi_monthly": "select date '2017-08-01' as month, 7.00::decimal(18, 2) as net_revenue"})

    assert {name for name, result in drift(home).items() if result.status == "failed"} >= {
        "restatement:2017-08",
        "restatement:2017-09",
        "restatement:2017-10",
    }


def test_a_release_that_calls_net_revenue_revenue_is_compared_too(home: Settings) -> None:
    publish(home, "2017-12-31", months(1000, 1000, column="revenue"))
    both = months(1000, 900)["kpi_monthly"].replace("select *", "select *, net_revenue as revenue")
    make_tables(home, {"kpi_monthly": both})

    assert {name for name, result in drift(home).items() if result.status == "failed"} == {"restatement:2017-10"}


def test_segments_that_move_fail_by_the_population_stability_index(home: Settings) -> None:
    publish(home, "2017-12-01", SHARES)
    moved = """
        select * from (values
            ('lifecycle', 'active', 0.25), ('lifecycle', 'churned', 0.75), ('rfm', 'loyal', 0.5), ('rfm', 'promising', 0.5),
            ('persona', 'p1', 1.0)
        ) as segments (segmentation, segment, share_of_customers)"""
    make_tables(home, {"segment_summary": moved})

    found = drift(home)

    lifecycle = (0.25 - 0.75) * log(0.25 / 0.75) + (0.75 - 0.25) * log(0.75 / 0.25)
    rfm = (0.0001 - 0.5) * log(0.0001 / 0.5) + (0.5 - 0.0001) * log(0.5 / 0.0001)
    assert float(found["psi:lifecycle"].observed) == pytest.approx(lifecycle, rel=1e-5)
    assert float(found["psi:rfm"].observed) == pytest.approx(rfm, rel=1e-5)
    assert found["psi:lifecycle"].status == found["psi:rfm"].status == "failed"
    assert "psi:persona" not in found, "a new segmentation has nothing to be compared with"


def test_segments_that_stay_pass(home: Settings) -> None:
    publish(home, "2017-12-01", SHARES)
    make_tables(home, {"segment_summary": SHARES["segment_summary"].replace("0.75", "0.6").replace("0.25", "0.4")})

    found = drift(home)

    assert (found["psi:lifecycle"].status, found["psi:rfm"].status) == ("passed", "passed")
    assert float(found["psi:rfm"].observed) == 0


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("100", "130", "passed"),
        ("100", "130.01", "failed"),
        ("100", "70", "passed"),
        ("100", "69.99", "failed"),
        ("100", "null", "failed"),
        ("null", "100", "passed"),
        ("null", "null", "passed"),
    ],
)
def test_the_mean_predicted_value_moves_only_so_far(home: Settings, old: str, new: str, status: str) -> None:
    table = (
        "select 'shop:' || i as customer_id, cast({} as decimal(18, 2)) as predicted_clv from range(3) as customers (i)"
    )
    publish(home, "2017-12-01", {"customer_lifetime_value": table.format(old)})
    make_tables(home, {"customer_lifetime_value": table.format(new)})

    assert drift(home)["clv_mean"].status == status


def test_a_published_release_that_cannot_be_read_blocks(home: Settings) -> None:
    folder = publish(home, "2017-12-01", {})
    (folder / "kehu.duckdb").write_bytes(b"not a database" * 1000)

    assert [(r.check_name, r.status) for r in drift(home).values()] == [(READABLE, "failed")]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_published_release_that_is_cut_off_blocks(home: Settings, kept: float) -> None:
    folder = publish(home, "2017-12-01", {"fct_orders": rows(300_000), "dim_shops": rows(300_000)})
    file = folder / "kehu.duckdb"
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])

    assert [(r.check_name, r.status) for r in drift(home).values()] == [(READABLE, "failed")]


def test_a_published_release_with_damage_inside_blocks(home: Settings) -> None:
    months = (
        "select date '2017-01-01' + i::integer as month, hash(i)::double as revenue from range(200000) as months (i)"
    )
    folder = publish(home, "2017-12-01", {"kpi_monthly": months})
    make_tables(home, {"kpi_monthly": months})
    content = bytearray((folder / "kehu.duckdb").read_bytes())
    for place in range(20_000, len(content) - 300_000, 50_000):
        content[place] ^= 0xFF
    (folder / "kehu.duckdb").write_bytes(content)

    assert [(r.check_name, r.status) for r in drift(home).values()] == [(READABLE, "failed")]


@pytest.mark.parametrize("damage", ["gone", "short"])
def test_a_lost_release_can_be_accepted_with_what_the_message_says(home: Settings, damage: str) -> None:
    folder = publish(home, "2017-12-01", {"fct_orders": rows(5000)})
    if damage == "gone":
        shutil.rmtree(folder)
    else:
        (folder / "kehu.duckdb").write_bytes((folder / "kehu.duckdb").read_bytes()[:4096])
    with pytest.raises(CandidateRejected, match="BI cannot read the last release") as caught:
        check_candidate(home)
    assert f"--accept-drift {READABLE}" in str(caught.value)
    assert "kehu rollback" in str(caught.value)

    check_candidate(home, [READABLE])

    checks = "select check_name, status from ops.check_results where layer = 'drift'"
    assert run_sql(home, checks) == [(READABLE, "accepted")]


def test_a_published_release_that_is_gone_blocks(home: Settings) -> None:
    folder = publish(home, "2017-12-01", {})
    folder.rename(folder.with_name("elsewhere"))

    assert [(r.check_name, r.status) for r in drift(home).values()] == [(READABLE, "failed")]


def test_a_published_release_without_its_row_blocks(home: Settings) -> None:
    publish(home, "2017-12-01", {"release": "select 'r' as release_id, date '2017-12-01' as as_of_date where false"})

    assert drift(home)[READABLE].status == "failed"


@pytest.mark.parametrize(
    "change",
    [
        {"max_psi": None},
        {"max_psi": "a lot"},
        {"max_psi": 0},
        {"max_psi": True},
        {"max_psy": 0.3},
        {"max_growth_per_month": -1},
    ],
)
def test_thresholds_that_are_not_valid_block(home: Settings, change: dict[str, object]) -> None:
    file = home.expectations / "drift.yml"
    content = yaml.safe_load(file.read_text()) | change
    file.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not None}))

    found = drift(home)["drift"]

    assert found.status == "error"
    assert "max_ps" in found.observed or "max_growth" in found.observed


def test_a_threshold_given_twice_blocks(home: Settings) -> None:
    file = home.expectations / "drift.yml"
    text = file.read_text().rstrip("\n") + "\n"
    file.write_text(text + "max_psi: 1000\n")

    found = drift(home)["drift"]

    assert found.status == "error"
    assert all(part in found.observed for part in ("appears twice", f"line={text.count(chr(10)) + 1}", "'max_psi'"))


def test_an_analyst_can_change_a_threshold(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": rows(1000)})
    make_tables(home, {"fct_orders": rows(1500)})
    assert drift(home)["growth:fct_orders"].status == "failed"

    file = home.expectations / "drift.yml"
    file.write_text(file.read_text().replace("max_growth_per_month: 0.20", "max_growth_per_month: 0.50"))

    assert drift(home)["growth:fct_orders"].status == "passed"


def test_a_drift_that_is_accepted_by_name_is_recorded_and_does_not_block(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": rows(5000)})
    with pytest.raises(CandidateRejected, match="--accept-drift shrink:fct_orders") as caught:
        check_candidate(home)
    assert "growth:fct_orders" not in str(caught.value)

    check_candidate(home, ["shrink:fct_orders"])

    assert run_sql(home, "select status from ops.check_results where check_name = 'shrink:fct_orders'") == [
        ("accepted",)
    ]


def test_accepting_one_drift_does_not_accept_another(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": rows(5000), "dim_shops": "select 1 as shop_id"})

    with pytest.raises(CandidateRejected, match="column_removed:dim_shops"):
        check_candidate(home, ["shrink:fct_orders"])


def test_accepting_what_did_not_happen_is_noted(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": rows(10)})

    found = drift(home, accept=["column_removed:fct_orders", "growth:fct_orders"])

    assert found["column_removed:fct_orders"].status == "passed"
    assert found["column_removed:fct_orders"].reason.endswith("which was not needed")
    assert (found["growth:fct_orders"].status, found["growth:fct_orders"].severity) == ("skipped", "warning")


def test_a_candidate_without_its_schema_has_lost_every_table(home: Settings) -> None:
    publish(home, "2017-12-01", {"fct_orders": rows(10)})
    run_sql(home, f"drop schema {SCHEMA} cascade", "select 1")

    assert drift(home)["column_removed:fct_orders"].observed == "gone: the whole table"


@pytest.mark.parametrize(("index", "passes"), [(0.25, True), (0.2500001, False), (0.0, True)])
def test_a_stability_index_at_the_limit_passes_and_one_above_it_does_not(index: float, passes: bool) -> None:
    from types import SimpleNamespace

    from kehu.gate.drift import _stability

    drift: Any = SimpleNamespace(
        thresholds=SimpleNamespace(max_psi=0.25, share_floor=1e-4),
        pair=SimpleNamespace(stability=lambda _: [("rfm", index)]),
        result=lambda table, check, is_good, **_: (table, check, is_good),
    )
    assert list(_stability(drift)) == [("segment_summary", "psi:rfm", passes)]


@pytest.mark.parametrize(
    ("segmentation", "blocks"), [("priority", False), ("need", False), ("loyalty_tier", False), ("rfm", True)]
)
def test_segments_that_follow_seeds_and_capacities_warn(home: Settings, segmentation: str, blocks: bool) -> None:
    segments = "select '{}' as segmentation, '{}' as segment, 1.0 as share_of_customers"
    publish(home, "2017-12-01", {"segment_summary": segments.format(segmentation, "a")})
    make_tables(home, {"segment_summary": segments.format(segmentation, "b")})
    found = drift(home)[f"psi:{segmentation}"]
    assert (found.status, found.blocks) == ("failed", blocks)
