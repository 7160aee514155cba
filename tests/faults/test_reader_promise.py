"""Every statement of every reader sees one release, and none ever fails, while BI is moved a hundred times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kehu.release.catalog import current_release_id
from tests.unit.release.candidates import add_candidate, identity, published, rolled_back, settings_for

pytestmark = pytest.mark.faults

SWAPS = 100
READERS = 3
CUSTOMERS = 200
PAUSE, SHORT_PAUSE = 0.25, 0.02
"""Seconds between two looks of a reader; readers that never pause keep the writer from its core."""

# A BI tool of its own: it knows DuckDB and the path, nothing of Kehu. A release's factor is the minute in its id.
READER = """
import json, sys, time
from pathlib import Path
import duckdb

path, stop, customers, pause = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
statement = '''
    select r.release_id, s.factor, s.net_revenue, o.net_revenue, o.lowest, o.highest, o.orders, c.net_revenue, c.days
    from {schema}.release as r
    cross join {schema}.segment_summary as s
    cross join (
        select sum(f.net_revenue) as net_revenue, min(f.factor) as lowest, max(f.factor) as highest, count(*) as orders
        from {schema}.fct_orders as f
        inner join {schema}.dim_customers as d on f.customer_id = d.customer_id and f.net_revenue = d.net_revenue
    ) as o
    cross join (
        select sum(net_revenue) as net_revenue, count(distinct as_of_date) as days from {schema}.dim_customers
    ) as c
'''


def read(connection, schema):
    ((release, factor, summary, orders, lowest, highest, count, net, days),) = connection.execute(
        statement.format(schema=schema)
    ).fetchall()
    expected = customers * (customers + 1) // 2 * factor
    whole = (summary, orders, net, count, lowest, highest, days) == (
        expected, expected, expected, customers, factor, factor, 1
    )
    if not whole or int(release[-4:-2]) != factor:
        raise AssertionError(f"torn: {release} {factor} {summary} {orders} {lowest} {highest} {count} {net} {days}")
    return release


kept = duckdb.connect(path, read_only=True)
kept.execute("set threads = 1")
seen = {"fresh": [], "attached": [], "kept": []}
errors = []
print("ready", flush=True)
while not stop.exists():
    try:
        with duckdb.connect(path, read_only=True) as fresh:
            seen["fresh"].append(read(fresh, "analytics"))
        with duckdb.connect() as tool:
            tool.execute(f"attach '{path}' as bi (read_only)")
            seen["attached"].append(read(tool, "bi.analytics"))
        seen["kept"].append(read(kept, "analytics"))
    except Exception as error:
        errors.append(f"{type(error).__name__}: {error}")
    time.sleep(pause)
print(json.dumps({"seen": seen, "errors": errors}))
"""


@pytest.mark.timeout(600)
def test_readers_see_one_release_only_during_a_hundred_swaps(tmp_path: Path, is_long: bool) -> None:
    home = settings_for(tmp_path / "home", keep_releases=2)
    names = [identity("2018-01-01", minute=factor) for factor in range(1, 12)]
    for factor, name in enumerate(names, start=1):
        add_candidate(home, name, customers=CUSTOMERS, factor=factor)
    for minute, name in enumerate(names[:2]):
        published(home, name, minutes=minute)
    stop = tmp_path / "stop"
    pause = SHORT_PAUSE if is_long else PAUSE
    arguments = [str(home.published_link / "kehu.duckdb"), str(stop), str(CUSTOMERS), str(pause)]
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, *arguments], stdout=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        moved = swap(home, names[2:])
    finally:
        stop.touch()
        outputs = [reader.communicate(timeout=60)[0] for reader in readers]
    assert moved == SWAPS
    for output in outputs:
        check(json.loads(output), set(names))


def swap(home: Any, candidates: list[str]) -> int:
    """Move BI back and forth; every eleventh move publishes a new release, and so prunes one under the readers."""
    moved = 0
    waiting = list(candidates)
    while moved < SWAPS:
        before = current_release_id(home)
        if moved % 11 == 0 and waiting:
            outcome = published(home, waiting.pop(0), minutes=10 + moved)
            other = before
        else:
            outcome = rolled_back(home, other, minutes=10 + moved)
            other = before
        assert outcome.is_current
        assert not outcome.was_current
        moved += 1
    return moved


def check(found: dict[str, Any], published_ids: set[str]) -> None:
    assert found["errors"] == []
    assert all(set(ids) <= published_ids for ids in found["seen"].values())
    assert len(set(found["seen"]["fresh"])) > 2, "the readers must have been there while BI moved"
    assert len(set(found["seen"]["kept"])) == 1, "a connection that is kept open stays with its release"
    changes = sum(one != other for one, other in zip(found["seen"]["fresh"], found["seen"]["fresh"][1:], strict=False))
    assert changes > 10
