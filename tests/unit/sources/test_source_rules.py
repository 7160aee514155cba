"""``statuses:`` of a source and ``ignore:`` of an entity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kehu.errors import ConfigurationError
from kehu.pipeline.variables import state_variables
from kehu.sources.config import load_sources
from tests.support.source_folder import HEADER, SourceFolder

SHOP = {"name": "shop", "kind": "files", "path": "shop", "entities": {"orders": {}}}


def test_statuses_reach_the_models_as_they_are_compared(tmp_path: Path) -> None:
    folder = SourceFolder(tmp_path)
    folder.configure_sources([{**SHOP, "statuses": {" wc-Processing ": "completed", "退款，完成": "refunded"}}])
    given = state_variables(folder.settings, load_sources(folder.yml).for_models)
    assert given["source_rules"] == {"statuses": {"shop": {"processing": "completed", "退款,完成": "refunded"}}}


def test_a_home_whose_sources_say_nothing_of_it_has_the_variables_of_before(tmp_path: Path) -> None:
    folder = SourceFolder(tmp_path)
    folder.configure_sources([SHOP])
    assert "source_rules" not in state_variables(folder.settings, load_sources(folder.yml).for_models)


@pytest.mark.parametrize(
    ("statuses", "says"),
    [
        ({"paid": "done"}, "statuses.paid|done"),
        ({"paid": "completed", "wc-Paid": "placed"}, "mapped twice"),
    ],
)
def test_a_status_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, statuses: dict[str, str], says: str) -> None:
    folder = SourceFolder(tmp_path)
    folder.configure_sources([{**SHOP, "statuses": statuses}])
    with pytest.raises(ConfigurationError, match=says):
        load_sources(folder.yml)


def test_a_company_cannot_set_the_rules_as_a_var(tmp_path: Path) -> None:
    folder = SourceFolder(tmp_path)
    folder.configure_sources([SHOP], vars={"source_rules": "none"})
    with pytest.raises(ConfigurationError, match="set by Kehu itself"):
        state_variables(folder.settings, load_sources(folder.yml).for_models)


def test_an_ignored_column_never_lands_however_its_header_is_written(tmp_path: Path) -> None:
    folder = SourceFolder(tmp_path)
    folder.write("orders.csv", HEADER.strip() + ",Ship To ,Note\n1,2,2024-05-01,Mrs Secret,hello\n")
    folder.orders(ignore=["ship to", "Fax"])
    folder.land()
    (row,) = folder.rows()
    assert json.loads(row["_extra"]) == {"Note": "hello"}
    assert "Secret" not in json.dumps({name: str(value) for name, value in row.items()})


def test_an_ignored_column_is_not_in_a_row_whose_expression_fails(tmp_path: Path) -> None:
    folder = SourceFolder(tmp_path)
    folder.write(
        "orders.csv", HEADER.strip() + ",Ship To,Sum\n1,2,2024-05-01,Mrs Secret,x\n2,2,2024-05-01,Mrs Secret,5\n"
    )
    columns = {"order_id": "OrderNo", "ordered_at": "Sold", "subtotal_amount": {"expr": "Sum::integer"}}
    folder.configure(orders={"file": "orders.csv", "columns": columns, "ignore": ["Ship To"]})
    folder.land()
    (raw,) = [row["_raw"] for row in folder.rows() if row["_raw"]]
    assert json.loads(raw) == {"OrderNo": "1", "Client": "2", "Sold": "2024-05-01", "Sum": "x"}


def test_a_column_cannot_be_mapped_and_ignored(tmp_path: Path) -> None:
    folder = SourceFolder(tmp_path)
    folder.orders(ignore=["Client"])
    with pytest.raises(ConfigurationError, match="mapped and ignored"):
        load_sources(folder.yml)
