"""A gated candidate becomes a release: what its file and manifest hold, when BI moves to it, and when nothing happens."""

from __future__ import annotations

import json
import os
import stat
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from kehu.errors import CandidateRejected, ClockSkew, ReleaseError, UsageError
from kehu.ops.finished import note_finished
from kehu.ops.tables import candidate_schema
from kehu.release.catalog import current_release_id, find
from kehu.release.on_duckdb.reading import open_folder
from kehu.settings import Settings
from tests.unit.release.candidates import (
    DAYS,
    add_candidate,
    add_check,
    check_again,
    events_of,
    identity,
    ops_session,
    published,
    rolled_back,
    settings_for,
)

D1, D2, D3, D4, *_ = DAYS


def reader(home: Settings) -> duckdb.DuckDBPyConnection:
    """What a BI tool does, to the letter of the README."""
    connection = duckdb.connect(str(home.published_link / "kehu.duckdb"), read_only=True)
    connection.execute("set schema = 'analytics'")
    return connection


def test_the_file_holds_the_candidates_tables_with_their_types(home: Settings) -> None:
    add_candidate(home, D1, customers=7, factor=3)
    published(home, D1)
    shape = "select column_name, data_type from information_schema.columns where table_schema = ? and table_name = ?"
    with reader(home) as release, ops_session(home) as session:
        tables = release.execute("select table_name from information_schema.tables where table_schema = 'analytics'")
        names = sorted(row[0] for row in tables.fetchall())
        assert names == sorted(
            [
                "data_quality",
                "dim_customers",
                "fct_orders",
                "release",
                "rfm_cut_points",
                "segment_summary",
                "clv_parameters",
            ]
        )
        for name in names:
            built = session.rows(shape, [candidate_schema(D1), name])
            assert release.execute(shape, ["analytics", name]).fetchall() == built
        rows = release.execute("select customer_id, net_revenue from dim_customers order by net_revenue").fetchall()
        assert [(row[0], float(row[1])) for row in rows] == [(f"shop:{i}", 3.0 * i) for i in range(1, 8)]


def test_the_release_row_says_when_it_was_published_and_after_which(three: Settings) -> None:
    with reader(three) as release:
        rows = release.execute("select release_id, published_at, previous_release_id from release").fetchall()
    assert rows == [(D3, datetime(2026, 1, 2, 3, 32), D2)]  # noqa: DTZ001


def test_data_quality_holds_the_checks_made_after_the_candidate_was_built(home: Settings) -> None:
    add_candidate(home, D1)
    with ops_session(home) as session:
        add_check(session, D1, severity="warning", status="failed")
        add_check(session, D2, status="failed")
    published(home, D1)
    with reader(home) as release:
        rows = release.execute(
            'select release_id, layer, "table", "check", status, as_of_date from data_quality'
        ).fetchall()
    assert sorted(rows) == [
        (D1, "marts", "dim_customers", "critical_passed", "passed", date(2018, 1, 1)),
        (D1, "marts", "dim_customers", "warning_failed", "failed", date(2018, 1, 1)),
    ]


def test_the_manifest_says_what_the_release_is_made_of(home: Settings) -> None:
    add_candidate(home, D1, customers=12)
    published(home, D1)
    manifest = json.loads((home.published_link / "manifest.json").read_text())
    assert manifest["release_id"] == D1
    assert (manifest["as_of_date"], manifest["code_version"], manifest["warehouse"]) == (
        "2018-01-01",
        "0.1.0+abc",
        "duckdb",
    )
    assert [batch["batch_id"] for batch in manifest["batches"]] == ["b1", "b2"]
    assert manifest["freshness"] == [
        {"source": "shop", "extracted_at": "2026-01-01T02:00:00", "order_date": "2018-01-01"}
    ]
    with reader(home) as release:
        counted = {
            name: release.execute(f"select count(*) from {name}").fetchall()[0][0] for name in manifest["tables"]
        }
    assert {name: table["rows"] for name, table in manifest["tables"].items()} == counted
    assert {name for name, table in manifest["tables"].items() if table["is_run_specific"]} == {
        "release",
        "data_quality",
    }
    assert manifest["rules"]["thresholds"]["churn_floor_days"] == 180


def test_equal_data_has_equal_checksums_in_every_release(home: Settings) -> None:
    same, again, other = identity("2018-01-01"), identity("2018-01-01", 1), identity("2018-01-01", 2)
    for minute, (name, factor) in enumerate({same: 2, again: 2, other: 3}.items()):
        add_candidate(home, name, factor=factor)
        published(home, name, minutes=minute)
    assert find(home, same).content_checksum == find(home, again).content_checksum
    assert find(home, same).content_checksum != find(home, other).content_checksum


def test_descriptions_and_vars_of_dbt_travel_with_the_release(home: Settings) -> None:
    add_candidate(home, D1)
    folder = home.runs_dir / D1 / "candidate" / "attempt_1" / "target"
    folder.mkdir(parents=True)
    column = {"name": "net_revenue", "description": "What it's\n worth.", "data_type": "decimal(18, 2)"}
    model = {
        "resource_type": "model",
        "schema": candidate_schema(D1),
        "name": "dim_customers",
        "alias": "dim_customers",
        "description": "One row per customer.",
        "columns": {"net_revenue": column},
    }
    unpublished = {**model, "name": "feat_x", "alias": "feat_x", "schema": f"{candidate_schema(D1)}_features"}
    (folder / "manifest.json").write_text(json.dumps({"nodes": {"a": model, "b": unpublished}}))
    (folder / "run_results.json").write_text(json.dumps({"args": {"vars": {"new_days": 45, "release_id": D1}}}))
    published(home, D1)
    with reader(home) as release:
        assert release.execute("select comment from duckdb_tables() where table_name = 'dim_customers'").fetchall() == [
            ("One row per customer.",)
        ]
        assert release.execute(
            "select comment from duckdb_columns() where table_name = 'dim_customers' and column_name = 'net_revenue'"
        ).fetchall() == [("What it's worth.",)]
    thresholds = find(home, D1).rules.thresholds
    assert thresholds["new_days"] == 45
    assert "release_id" not in thresholds


def test_a_release_is_read_only_closed_and_without_a_log(home: Settings) -> None:
    add_candidate(home, D1)
    published(home, D1)
    folder = home.releases_dir / D1
    assert sorted(os.listdir(folder)) == ["analytics.duckdb", "bi.duckdb", "kehu.duckdb", "manifest.json"]
    assert (folder / "bi.duckdb").samefile(folder / "kehu.duckdb")
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert os.readlink(home.published_link) == f"releases/{D1}"
    assert sorted(os.listdir(home.releases_dir)) == [D1]


def test_the_home_can_be_moved(home: Settings, tmp_path: Path) -> None:
    add_candidate(home, D1)
    published(home, D1)
    moved = settings_for(home.home.rename(tmp_path / "elsewhere"))
    with reader(moved) as release:
        assert release.execute("select release_id from release").fetchall() == [(D1,)]


def test_publishing_a_published_release_again_changes_nothing(three: Settings) -> None:
    before = (three.releases_dir / D3).stat().st_mtime_ns, events_of(three), find(three, D3)
    again = published(three, D3, minutes=5)
    assert (again.is_current, again.was_current, again.stored_only) == (True, True, False)
    assert before == ((three.releases_dir / D3).stat().st_mtime_ns, events_of(three), find(three, D3))


def test_a_retried_publication_does_not_undo_a_rollback(three: Settings) -> None:
    rolled_back(three)
    assert published(three, D3, minutes=90).stored_only
    assert current_release_id(three) == D2
    assert published(three, D3, minutes=91, make_current=True).is_current
    assert current_release_id(three) == D3


def test_a_backfill_is_stored_and_does_not_move_bi_back_in_time(three: Settings) -> None:
    late = add_candidate(three, identity("2018-01-01", 30))
    outcome = published(three, late, minutes=9)
    assert (outcome.stored_only, outcome.previous) == (True, D3)
    assert current_release_id(three) == D3
    assert find(three, late).previous_release_id == D1
    assert events_of(three)[-1] == (late, "stored", D1)
    with ops_session(three) as session:
        assert {row[0] for row in session.rows("select release_id from ops.published_rfm_cut_points")} == {D3}


def test_a_backfill_moves_bi_when_asked(three: Settings) -> None:
    late = add_candidate(three, identity("2018-01-01", 30))
    assert published(three, late, minutes=9, make_current=True).is_current
    assert current_release_id(three) == late


def test_a_later_run_of_the_same_day_replaces_it(three: Settings) -> None:
    assert published(three, add_candidate(three, identity("2018-01-03", 30)), minutes=9).is_current


def test_a_release_can_be_stored_without_moving_bi(home: Settings) -> None:
    add_candidate(home, D1)
    assert published(home, D1, make_current=False).stored_only
    assert current_release_id(home) is None
    assert events_of(home) == [(D1, "stored", None)]


def test_the_cut_points_of_the_current_release_are_the_frozen_ones(three: Settings) -> None:
    sql = "select distinct release_id, round(cut_point / cast(quantile as double), 9) from ops.published_rfm_cut_points"
    with ops_session(three) as session:
        assert session.rows(sql) == [(D3, 3.0)]
    rolled_back(three)
    with ops_session(three) as session:
        assert session.rows(sql) == [(D2, 2.0)]


def test_the_parameters_in_use_of_the_current_release_are_the_frozen_ones(three: Settings) -> None:
    sql = "select release_id, segment, model_name, kind, parameter, value from ops.published_clv_parameters"
    with ops_session(three) as session:
        assert session.rows(sql) == [(D3, "all", "bg_nbd", "model", "r", 3.0)]
    rolled_back(three)
    with ops_session(three) as session:
        assert session.rows(sql) == [(D2, "all", "bg_nbd", "model", "r", 2.0)]


def test_a_rebuilt_warehouse_gets_its_books_back(three: Settings) -> None:
    """The landing zone and the releases are the truth; the working warehouse can be dropped."""
    three.warehouse_path.unlink()
    assert published(three, D3, minutes=9).was_current
    assert events_of(three) == [(D3, "published", D2)]
    with ops_session(three) as session:
        assert session.rows("select distinct release_id from ops.published_rfm_cut_points") == [(D3,)]


REFUSED = {
    "no result": [],
    "no result of the marts": [("landing", "critical", "passed")],
    "nothing evaluated": [("marts", "critical", "skipped")],
    "failed": [("marts", "critical", "passed"), ("marts", "critical", "failed")],
    "could not be evaluated": [("marts", "critical", "passed"), ("marts", "warning", "error")],
    "drift": [("marts", "critical", "passed"), ("drift", "critical", "failed")],
    "unknown status": [("marts", "critical", "passed"), ("marts", "critical", "never seen")],
    "unknown severity": [("marts", "critical", "passed"), ("marts", "unknown", "failed")],
}


def test_what_did_not_pass_the_gate_is_refused(three: Settings) -> None:
    for case, checks in REFUSED.items():
        with ops_session(three) as session:
            session.execute("delete from ops.check_results where release_id = ?", [D4])
            for layer, severity, status in checks:
                add_check(session, D4, layer, severity, status)
        with pytest.raises((CandidateRejected, ReleaseError), match=D4):
            published(three, D4, minutes=5)
        assert current_release_id(three) == D3, case
        assert sorted(os.listdir(three.releases_dir)) == [D1, D2, D3], case


def test_a_refusal_says_which_check_failed_with_what(home: Settings) -> None:
    add_candidate(home, D1)
    with ops_session(home) as session:
        add_check(session, D1, status="failed")
    with pytest.raises(
        CandidateRejected, match=r"marts\.dim_customers\.critical_failed.*observed='1', expected='1'"
    ) as refused:
        published(home, D1)
    assert refused.value.exit_code == 3


def test_warnings_and_accepted_drift_do_not_block(home: Settings) -> None:
    add_candidate(home, D1)
    with ops_session(home) as session:
        add_check(session, D1, severity="warning", status="failed")
        add_check(session, D1, layer="drift", status="accepted")
    assert published(home, D1).is_current


def test_a_candidate_that_is_not_there_is_named(home: Settings) -> None:
    with ops_session(home) as session:
        add_check(session, D1)
        note_finished(session, D1, "what it was made from")
    (home.runs_dir / D1).mkdir(parents=True)
    (home.runs_dir / D1 / "run.json").write_text('{"batches": []}')
    with pytest.raises(ReleaseError, match=f"no candidate.*{D1}"):
        published(home, D1)


def test_a_candidate_that_is_not_whole_is_refused_whatever_was_said_of_an_earlier_one(three: Settings) -> None:
    with ops_session(three) as session:
        session.execute("delete from ops.steps where release_id in (?, ?)", [D3, D4])
    with pytest.raises(ReleaseError, match=f"no candidate.*to its end.*{D4}"):
        published(three, D4, minutes=5)
    assert published(three, D3, minutes=6).was_current, "what is published needs its candidate no longer"
    assert current_release_id(three) == D3


def test_a_candidate_of_another_run_is_refused(home: Settings) -> None:
    add_candidate(home, D1)
    with ops_session(home) as session:
        session.execute(f"update {candidate_schema(D1)}.release set as_of_date = date '2019-01-01'")
        check_again(session, D1)
    with pytest.raises(ReleaseError, match=r"one row of this release.*2019-01-01"):
        published(home, D1)
    assert current_release_id(home) is None


def test_a_release_without_a_record_of_its_batches_is_refused(home: Settings) -> None:
    add_candidate(home, D1)
    (home.runs_dir / D1 / "run.json").unlink()
    with pytest.raises(ReleaseError, match="which batches"):
        published(home, D1)


def test_only_ids_reach_paths_and_schemas(home: Settings) -> None:
    with pytest.raises(UsageError):
        published(home, "../../etc")


def test_a_folder_in_place_of_the_pointer_is_named(home: Settings) -> None:
    add_candidate(home, D1)
    home.published_link.mkdir(parents=True)
    with pytest.raises(ReleaseError, match="not the pointer"):
        published(home, D1)


def test_tools_that_qualify_with_the_schema_have_a_file_in_which_that_works(three: Settings) -> None:
    """The catalog of the deprecated ``analytics.duckdb`` is called as its schema is: there the name is ambiguous."""
    for name in ("kehu.duckdb", "bi.duckdb"):
        with duckdb.connect(str(three.published_link / name), read_only=True) as tool:
            assert tool.execute("select release_id from analytics.release").fetchall() == [(D3,)]
    with duckdb.connect(str(three.published_link / "analytics.duckdb"), read_only=True) as tool:
        assert tool.execute("select release_id from analytics.analytics.release").fetchall() == [(D3,)]


def test_an_opened_release_understands_the_schemas_name(home: Settings) -> None:
    add_candidate(home, D1)
    published(home, D1)
    with open_folder(home, home.published_link) as release:
        assert release.rows("select release_id from analytics.release") == [(D1,)]


def test_a_machine_whose_clock_is_behind_publishes_nothing_and_is_told_so(three: Settings) -> None:
    """DAYS[2] was published at minute 2; an hour before that, by another clock, the next release would be the oldest."""
    with pytest.raises(ClockSkew, match=r"minutes=62, release_id='r20180103"):
        published(three, D4, minutes=-60)
    assert current_release_id(three) == D3
    assert not (three.releases_dir / D4).exists()
    assert D4 not in {event[0] for event in events_of(three)}

    assert published(three, D4, minutes=-2).is_current, "minutes between machines are no harm"


def test_a_retry_of_what_was_published_does_not_ask_the_clock(three: Settings) -> None:
    assert published(three, D3, minutes=-60).was_current
