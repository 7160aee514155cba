"""Measures identity: who is who among so many records of three sources, from staged rows to the map.

``python bench/identity.py [--records N] [--folder F]`` plants people as the tests do, lands them with a chain of 5,000, builds
staging, then the models of identity alone. Seconds are dbt's own of each model; the answer is compared with union-find over what
was planted, and the bench stops if they differ.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.dbt_process import DbtProcess  # noqa: E402
from tests.support.dbt_shop import DbtShop  # noqa: E402
from tests.support.planted_people import SOURCES, Planted, chain, expected_persons, plant  # noqa: E402

RECORDS_PER_PERSON = 2.07
STAGING = ("--select", "path:models/staging", "--exclude", "quarantine_*")
MODELS = ("--select", "path:models/intermediate/identity", "path:models/intermediate/events", "core_customers")


def land(shop: DbtShop, planted: Planted) -> None:
    """All records at once, each source's customers and leads as a batch."""
    with shop.landing_together():
        for is_lead in (False, True):
            for source in (*SOURCES, "chain"):
                rows = [
                    record.row for record in planted.records if (record.source, record.is_lead) == (source, is_lead)
                ]
                if rows:
                    shop.land("leads" if is_lead else "customers", rows, source=source)
        shop.land("tickets", [row for row, _ in planted.tickets], source="desk")


def seconds(shop: DbtShop) -> dict[str, float]:
    """Seconds of each model of the last call of dbt."""
    results = json.loads((shop.folder / "target" / "run_results.json").read_text())["results"]
    return {result["unique_id"].rpartition(".")[2]: result["execution_time"] for result in results}


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=ROOT / "bench" / "out" / "identity")
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    shop = DbtShop(given.folder, DbtProcess())
    planted = plant(int(given.records / RECORDS_PER_PERSON), seed=20260101)
    planted.records.sort(key=lambda record: (record.is_lead, SOURCES.index(record.source), record.record_id))
    planted.records += chain(5000, "a", seed=1)
    land(shop, planted)
    print(f"{len(planted.records):,} records, {len(planted.tickets):,} tickets", flush=True)
    shop.dbt("seed", home_country="DE")
    shop.dbt("run", *STAGING, home_country="DE")
    started = time.monotonic()
    shop.dbt("run", *MODELS, home_country="DE")
    wall = time.monotonic() - started
    print("| model | seconds |\n|---|---|")
    for model, spent in seconds(shop).items():
        print(f"| {model} | {spent:.1f} |")
    print(f"| all, with the start of dbt | {wall:.1f} |")
    found = dict(shop.rows("select record_id, customer_id from intermediate.int_records_map"))
    truth = expected_persons(sorted(planted.records, key=lambda record: record.is_lead))
    if found != truth:
        wrong = sum(found.get(record) != customer for record, customer in truth.items())
        raise SystemExit(f"{wrong} of {len(truth)} records are of another person than union-find says")
    print(f"{len(set(found.values())):,} persons, as union-find says")


if __name__ == "__main__":
    main()
