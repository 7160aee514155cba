"""The planted shop through all of dbt: built, erased from, built again. The same figures, and the person nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from kehu.erasure.erase import erase_customer
from kehu.pipeline.daily import run_day
from kehu.pipeline.publishing import rollback_release
from kehu.release.catalog import find
from kehu.settings import Settings, load_settings
from tests.support.planted_customer import CUSTOMER, VALUES, write_planted_shop
from tests.support.planted_home import KEY, places_of

DAYS = (date(2024, 3, 3), date(2024, 3, 4))
DIFFERENT = {
    # of the run itself
    "release", "data_quality",
    # the age of a person of whom nobody knows it any more
    "customer_segments", "segment_summary",
    # records that a telephone number linked are linked by the pseudonymous address as well
    "customer_record_links", "identity_summary", "map_source_customers_to_customers",
}  # fmt: skip

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[str], Path], is_long: bool
) -> Iterator[Settings]:
    if not is_long:
        pytest.skip(
            "in `make test-all`; tests/integration/test_erasure.py does it on tables made by hand in `make test`"
        )
    sources = write_planted_shop(tmp_path_factory.mktemp("built") / "shop")
    settings = load_settings(home=new_home("erased"), sources=sources, erasure_key=KEY)
    for day in DAYS:
        run_day(settings, day)
    yield settings


def differing(settings: Settings, one: str, other: str) -> set[str]:
    """The tables of two releases that do not hold the same rows."""
    found = set()
    with duckdb.connect() as connection:
        for name, release in (("one", one), ("other", other)):
            file = settings.releases_dir / release / "kehu.duckdb"
            connection.execute(f"attach '{file}' as {name} (read_only)")
        for table in find(settings, one).tables:
            left, right = (f'select * from {name}.analytics."{table}"' for name in ("one", "other"))
            sql = f"select count(*) from (({left} except all {right}) union all ({right} except all {left}))"
            if connection.execute(sql).fetchall()[0][0]:
                found.add(table)
    return found


def test_a_day_built_again_after_an_erasure_is_the_release_that_was_rewritten(built: Settings) -> None:
    releases = sorted(folder.name for folder in built.releases_dir.glob("r*"))
    assert set(places_of(built, VALUES)) == set(VALUES)
    erase_customer(built, CUSTOMER)
    assert places_of(built, VALUES) == {}
    # One of thirty customers is more than a healthy business changes at once.
    again, outcome, _ = run_day(built, DAYS[1], accept_drift=["psi:demographic"])
    assert outcome is not None
    assert outcome.is_current
    assert differing(built, releases[1], again) <= DIFFERENT
    assert find(built, again).erasures == find(built, releases[0]).erasures != ()
    assert rollback_release(built, releases[0]).is_current
    assert places_of(built, VALUES) == {}
