"""A correction takes back what it corrects: former readings, files that replace themselves, decisions by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kehu.errors import LandingError, UsageError
from kehu.landing import deciding
from kehu.landing.deciding import LandingZone, Selection
from kehu.landing.ledger import Batch
from kehu.landing.unconfigured import unconfigured_sources
from kehu.landing.withdrawals import Decision, standing
from tests.support.source_folder import HEADER, MOMENT, ORDERS, SourceFolder

ROWS = HEADER + "1,a,2020-01-01\n2,b,2020-01-02\n"
ROWS_OF_BOTH_IDS = "RowId,OrderNo,Client,Sold\n0,A0,a,2020-01-01\n1,A1,b,2020-01-02\n"
LATER = MOMENT + timedelta(days=1)


def counted(shop: SourceFolder) -> list[Batch]:
    return LandingZone.read(shop.settings).in_force


def ids(shop: SourceFolder) -> list[str]:
    """The order ids of the batches that count, in landing order."""
    places = {batch.batch_id: number for number, batch in enumerate(shop.batches())}
    return [row[0] for batch in counted(shop) for row in shop.values("order_id", batch=places[batch.batch_id])]


def test_the_same_bytes_under_another_mapping_withdraw_the_former_reading(
    shop: SourceFolder, caplog: pytest.LogCaptureFixture
) -> None:
    shop.write("orders.csv", ROWS_OF_BOTH_IDS)
    shop.orders(columns={**ORDERS, "order_id": "RowId"})
    shop.land()
    assert ids(shop) == ["0", "1"]
    shop.orders(columns=ORDERS)
    landed = shop.land(LATER)
    assert ids(shop) == ["A0", "A1"]
    assert landed["orders"].withdrawn == 2
    assert "2 rows of former readings are withdrawn" in landed["orders"].describe()
    assert "orders.csv is read anew: 2 rows of the former mapping are withdrawn" in caplog.text
    assert len(shop.batches()) == 2, "what has landed stays"
    assert shop.land(LATER)["orders"].describe() == "nothing new"


def test_the_mapping_of_before_withdraws_the_correction(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS_OF_BOTH_IDS)
    for name in ("RowId", "OrderNo", "RowId"):
        shop.orders(columns={**ORDERS, "order_id": name})
        shop.land()
    assert ids(shop) == ["0", "1"]
    assert len(shop.batches()) == 3


def test_a_where_that_is_added_later_takes_rows_away(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    shop.orders(where="Client <> 'b'")
    shop.land()
    assert ids(shop) == ["1"]
    shop.orders(where="Client = 'nobody'")
    shop.land()
    assert ids(shop) == [], "a reading without rows is a reading too"


def test_a_mapping_that_reads_the_same_rows_changes_nothing(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    shop.orders(where="Client is not null")
    assert shop.land()["orders"].withdrawn == 0
    assert len(shop.batches()) == 1


def test_copies_of_a_file_are_both_read_anew(shop: SourceFolder) -> None:
    shop.write("orders_1.csv", ROWS_OF_BOTH_IDS)
    shop.write("orders_2.csv", ROWS_OF_BOTH_IDS)
    shop.orders(columns={**ORDERS, "order_id": "RowId"})
    shop.land()
    shop.orders(columns=ORDERS)
    assert shop.land()["orders"].withdrawn == 4
    assert ids(shop) == ["A0", "A1", "A0", "A1"]


def test_a_query_over_more_files_withdraws_what_another_query_read_of_some_of_them(shop: SourceFolder) -> None:
    shop.write("a.csv", ROWS)

    def configure(what: str) -> None:
        query = f"select OrderNo || '{what}' as order_id, Client as customer_id, Sold as ordered_at from t"
        shop.configure(orders={"files": {"t": "*.csv"}, "query": query})
        shop.land()

    configure("x")
    shop.write("b.csv", HEADER + "3,c,2020-01-03\n")
    configure("y")
    assert sorted(ids(shop)) == ["1y", "2y", "3y"]


def test_a_file_that_is_gone_keeps_its_former_reading_and_is_named(
    shop: SourceFolder, caplog: pytest.LogCaptureFixture
) -> None:
    shop.write("orders_1.csv", ROWS_OF_BOTH_IDS)
    shop.write("orders_2.csv", ROWS_OF_BOTH_IDS.replace(",A", ",B"))
    shop.orders(columns={**ORDERS, "order_id": "RowId"})
    shop.land()
    (shop.files / "orders_2.csv").unlink()
    shop.orders(columns=ORDERS)
    shop.land()
    assert ids(shop) == ["0", "1", "A0", "A1"]
    named = shop.batches()[1].batch_id[:8]
    assert "2 rows of orders_2.csv stay as another mapping has read them" in caplog.text
    assert f"--delivery {named}" in caplog.text


def test_another_content_adds_unless_the_file_replaces_itself(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    shop.write("orders.csv", HEADER + "2,b,2020-01-02\n3,c,2020-01-03\n")
    shop.orders()
    shop.land()
    assert ids(shop) == ["1", "2", "2", "3"]
    shop.orders(on_change="replace")
    assert shop.land()["orders"].withdrawn == 2, "what it held before on_change was set"
    assert ids(shop) == ["2", "3"]
    shop.write("orders.csv", HEADER + "4,d,2020-01-04\n")
    assert shop.land()["orders"].withdrawn == 2
    assert ids(shop) == ["4"]
    shop.write("orders.csv", ROWS)
    shop.land()
    assert ids(shop) == ["1", "2"], "a content that comes back is in force again"
    assert shop.land()["orders"].withdrawn == 0


def test_only_its_own_file_is_replaced(shop: SourceFolder) -> None:
    shop.write("orders_1.csv", ROWS)
    shop.write("orders_2.csv", HEADER + "3,c,2020-01-03\n")
    shop.orders(on_change="replace")
    shop.land()
    shop.write("orders_2.csv", HEADER + "4,d,2020-01-04\n")
    shop.land()
    assert ids(shop) == ["1", "2", "4"]


def test_a_delivery_that_was_taken_back_by_hand_stays_away(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    decision, gone = deciding.withdraw(shop.settings, Selection(source="shop"), "by hand", LATER)
    assert decision is not None
    assert [batch.row_count for batch in gone] == [2]
    assert ids(shop) == []
    assert shop.land()["orders"].describe() == "nothing new"
    shop.orders(where="Client is not null")
    shop.land()
    assert ids(shop) == [], "the same rows under other words are the same rows"
    assert deciding.withdraw(shop.settings, Selection(source="shop"), "by hand", LATER) == (None, [])
    deciding.undo(shop.settings, decision.sequence, LATER)
    assert ids(shop) == ["1", "2"]
    assert deciding.undo(shop.settings, decision.sequence, LATER) == (None, [])


def test_an_older_content_counts_again_where_the_newer_one_is_taken_back(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    shop.write("orders.csv", HEADER + "9,z,2020-01-09\n")
    shop.land()
    newest = shop.batches()[-1].batch_id
    deciding.withdraw(shop.settings, Selection(deliveries=(newest[:8],)), "by hand", LATER)
    shop.write("orders.csv", ROWS)
    assert shop.land()["orders"].describe() == "nothing new"
    assert ids(shop) == ["1", "2"]


def test_what_is_put_back_by_hand_stays_though_its_file_replaces_itself(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders(on_change="replace")
    shop.land()
    shop.write("orders.csv", HEADER + "9,z,2020-01-09\n")
    shop.land()
    (decision,) = LandingZone.read(shop.settings).decisions
    deciding.undo(shop.settings, decision.sequence, LATER)
    shop.land()
    assert ids(shop) == ["1", "2", "9"]


def test_a_selection_is_a_delivery_a_file_or_a_source(shop: SourceFolder) -> None:
    shop.write("orders_1.csv", ROWS)
    shop.write("orders_2.csv", HEADER + "3,c,2020-01-03\n")
    shop.orders()
    shop.land()
    batches = shop.batches()
    assert Selection(source="shop").of(batches) == batches
    assert Selection(source="shop", file="orders_2.csv").of(batches) == batches[1:]
    assert Selection(deliveries=(batches[0].batch_id,)).of(batches) == batches[:1]


@pytest.mark.parametrize(
    ("selection", "says"),
    [
        (Selection(), "not said what is meant"),
        (Selection(source="shopp"), "no delivery is of this source.*shop"),
        (Selection(source="shop", file="order.csv"), "no delivery is of this file.*orders.csv"),
        (Selection(deliveries=("zz",)), "no delivery has this id"),
        (Selection(deliveries=("",)), "several deliveries|no delivery"),
    ],
)
def test_what_is_not_there_is_named(shop: SourceFolder, selection: Selection, says: str) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    with pytest.raises(UsageError, match=says):
        deciding.withdraw(shop.settings, selection, "by hand", LATER)
    assert ids(shop) == ["1", "2"]


def test_a_number_that_is_no_decision_is_named(shop: SourceFolder) -> None:
    with pytest.raises(UsageError, match="no decision has this number"):
        deciding.undo(shop.settings, 7, LATER)


def test_a_source_that_is_not_configured_is_named_until_it_is_kept(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    entities = {"orders": {"columns": ORDERS}}
    for name in ("old", "new"):
        shop.configure_sources([{"name": name, "kind": "files", "path": "shop", "entities": entities}])
        shop.land(name=name)
    (found,) = unconfigured_sources(LandingZone.read(shop.settings), {"new"})
    assert (found.source, found.deliveries, found.rows, found.twin) == ("old", 1, 2, "new")
    assert "2 rows of its 1 deliveries count; new has landed the same files" in found.describe()
    decision = deciding.keep(shop.settings, "old", LATER)
    assert decision is not None
    assert deciding.keep(shop.settings, "old", LATER) is None
    assert unconfigured_sources(LandingZone.read(shop.settings), {"new"}) == []
    deciding.undo(shop.settings, decision.sequence, LATER)
    assert [one.source for one in unconfigured_sources(LandingZone.read(shop.settings), {"new"})] == ["old"]
    deciding.withdraw(shop.settings, Selection(source="old"), "by hand", LATER)
    assert unconfigured_sources(LandingZone.read(shop.settings), {"new"}) == []
    with pytest.raises(UsageError, match="nothing of such a source counts"):
        deciding.keep(shop.settings, "old", LATER)


def test_a_decision_that_cannot_be_read_is_named(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    deciding.withdraw(shop.settings, Selection(source="shop"), "by hand", LATER)
    (entry,) = (shop.settings.landing_dir / "_ledger" / "decisions").iterdir()
    entry.write_text("{}")
    with pytest.raises(LandingError, match="withdrawn batches cannot be read"):
        shop.land()


def test_a_batch_that_an_erasure_has_written_anew_is_still_withdrawn(shop: SourceFolder) -> None:
    shop.write("orders.csv", ROWS)
    shop.orders()
    shop.land()
    (batch,) = shop.batches()
    moment = datetime.fromisoformat("2026-01-03")
    rewritten = Batch(**{**vars(batch), "batch_id": "new", "replaces": (batch.batch_id,)})
    found = standing([rewritten], [Decision(2, "withdraw", moment, "by hand", (batch.batch_id,))])
    assert (found.withdrawn, found.changes) == ({"new"}, {"new": 1})
    undone = [Decision(2, "withdraw", moment, "", (batch.batch_id,)), Decision(3, "undo", moment, "", ("new",))]
    found = standing([rewritten], undone)
    assert (found.withdrawn, found.restored, found.changes) == (set(), {"new"}, {"new": 2})
