"""What may be reused from an earlier run: for every input of the decision a change of it, which must undo the reuse."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kehu.pipeline.runs import Run, load_run
from kehu.pipeline.validity import state
from kehu.pipeline.validity.fingerprints import personas_code_digest, scoring_code_digest
from kehu.pipeline.validity.inputs import StepInputs
from kehu.session import Session
from kehu.settings import PROJECT_ROOT, load_settings
from kehu.transform.results import NodeResult
from kehu.warehouse.factory import open_warehouse
from tests.unit.pipeline.test_retries import AS_OF, STARTED

ORDERS = {"batch_id": "o1", "source": "shop", "entity": "orders"}
CUSTOMERS = {"batch_id": "c1", "source": "shop", "entity": "customers"}
NEW_ORDERS = {**ORDERS, "batch_id": "o2"}
RATES = {"batch_id": "x1", "source": "bank", "entity": "exchange_rates"}


def run_of(*batches: dict[str, str], code: str = "code", withdrawn: tuple[dict[str, str], ...] = ()) -> Run:
    return Run("r20240304_20240305t000000", AS_OF, STARTED, "1").with_inputs(batches, code, withdrawn)


def loaded(session: Session, run: Run, mode: str = "append") -> Run:
    """The run, its batches shown to the models; each was withdrawn or put back once."""
    session.execute("delete from ops.batches")
    session.append(
        "ops.batches",
        [
            {"batch_id": name, "mode": mode, "is_withdrawn": is_withdrawn, "withdrawal_count": 1}
            for name, is_withdrawn in run.standing.items()
        ],
    )
    return run


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with open_warehouse(load_settings(home=tmp_path / "home")).session() as session:
        yield session


def built(session: Session, run: Run, *tests: str, is_increment: bool = False) -> None:
    state.begin(session, run)
    nodes = [NodeResult(1, f"test.{name}", name, "test", "pass", 0.0, "", 0, "") for name in tests]
    state.finish(session, run, nodes, is_increment)


def pending(session: Session, run: Run) -> tuple[str, ...] | None:
    return state.pending_entities(session, state.read(session), run)


def test_an_increment_reaches_the_entities_of_new_batches(session: Session) -> None:
    built(session, run_of(ORDERS, CUSTOMERS))
    assert pending(session, run_of(ORDERS, CUSTOMERS, NEW_ORDERS)) == ("orders",)


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(run_of(ORDERS, CUSTOMERS, NEW_ORDERS, code="other"), id="other code"),
        pytest.param(run_of(ORDERS, NEW_ORDERS), id="a batch that is gone"),
        pytest.param(run_of(ORDERS), id="nothing but a batch that is gone"),
        pytest.param(
            run_of(ORDERS, CUSTOMERS, NEW_ORDERS, RATES), id="new exchange rates, which free rows from quarantine"
        ),
    ],
)
def test_what_no_increment_can_follow_asks_for_a_full_refresh(session: Session, run: Run) -> None:
    built(session, run_of(ORDERS, CUSTOMERS))
    assert pending(session, run) is None


def test_the_first_build_is_a_full_one_also_after_a_kill(session: Session) -> None:
    assert pending(session, run_of(ORDERS)) is None
    state.begin(session, run_of(ORDERS))
    assert pending(session, run_of(ORDERS)) is None


def test_a_killed_increment_is_repeated_as_one(session: Session) -> None:
    built(session, run_of(ORDERS, CUSTOMERS))
    state.begin(session, run_of(ORDERS, CUSTOMERS, NEW_ORDERS))
    assert pending(session, run_of(ORDERS, CUSTOMERS, NEW_ORDERS)) == ("orders",)


def test_a_batch_that_is_gone_after_a_killed_increment_may_have_left_rows(session: Session) -> None:
    built(session, run_of(ORDERS, CUSTOMERS))
    state.begin(session, run_of(ORDERS, CUSTOMERS, NEW_ORDERS))
    assert pending(session, run_of(ORDERS, CUSTOMERS)) is None


def test_a_killed_build_of_other_code_asks_for_a_full_refresh_by_either(session: Session) -> None:
    built(session, run_of(ORDERS))
    state.begin(session, run_of(ORDERS, code="other"))
    assert pending(session, run_of(ORDERS, NEW_ORDERS)) is None
    assert pending(session, run_of(ORDERS, NEW_ORDERS, code="other")) is None


def test_a_warehouse_of_the_version_before_goes_on_by_increments(session: Session) -> None:
    built(session, run_of(ORDERS))
    session.execute("update ops.state_batches set is_held = null")
    assert pending(session, run_of(ORDERS, NEW_ORDERS)) == ("orders",)


def test_an_increment_follows_a_withdrawal_and_its_undo(session: Session) -> None:
    whole, without = run_of(ORDERS, CUSTOMERS), run_of(CUSTOMERS, withdrawn=(ORDERS,))
    assert whole.state_fingerprint != without.state_fingerprint
    built(session, loaded(session, whole))
    assert pending(session, loaded(session, without)) == ("orders",)
    built(session, without)
    assert pending(session, without) is None, "nothing is pending"
    assert pending(session, loaded(session, whole)) == ("orders",)


def test_a_withdrawal_that_was_killed_and_undone_is_followed_too(session: Session) -> None:
    whole, without = run_of(ORDERS, CUSTOMERS), run_of(CUSTOMERS, withdrawn=(ORDERS,))
    built(session, loaded(session, whole))
    state.begin(session, loaded(session, without))
    assert pending(session, without) == ("orders",)
    assert pending(session, loaded(session, whole)) == ("orders",), "some tables may have followed it"


@pytest.mark.parametrize("mode", ["snapshot", "window"])
def test_a_snapshot_or_window_that_is_withdrawn_asks_for_a_full_refresh(session: Session, mode: str) -> None:
    whole, without = run_of(ORDERS, CUSTOMERS), run_of(CUSTOMERS, withdrawn=(ORDERS,))
    built(session, loaded(session, whole, mode))
    assert pending(session, loaded(session, without, mode)) is None
    state.begin(session, without)
    assert pending(session, without) is None
    assert pending(session, loaded(session, whole, mode)) is None


def test_exchange_rates_that_are_withdrawn_ask_for_a_full_refresh(session: Session) -> None:
    built(session, loaded(session, run_of(ORDERS, RATES)))
    assert pending(session, loaded(session, run_of(ORDERS, withdrawn=(RATES,)))) is None


def test_what_was_withdrawn_is_not_what_a_release_is_built_from(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    run = run_of(CUSTOMERS, withdrawn=(ORDERS,))
    run.save(settings)
    assert load_run(settings, run.release_id) == run
    assert run.batches == (CUSTOMERS,)


def test_an_increment_keeps_the_results_of_the_tests_that_it_does_not_reach(session: Session) -> None:
    built(session, run_of(ORDERS), "of orders", "of customers")
    built(session, run_of(ORDERS, NEW_ORDERS), "of orders", is_increment=True)
    kept = "select check_name from ops.state_tests order by check_name"
    assert session.rows(kept) == [("of customers",), ("of orders",)]
    built(session, run_of(ORDERS, NEW_ORDERS), "of orders")
    assert session.rows(kept) == [("of orders",)]


def test_a_run_that_the_version_before_has_begun_is_read(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    run = run_of(ORDERS)
    run.save(settings)
    file = run.folder(settings) / "run.json"
    text = file.read_text(encoding="utf-8")
    old = text.replace(f'"batches_digest": "{run.batches_digest}",', f'"state_fingerprint": "{run.state_fingerprint}"')
    file.write_text(old.replace('\n "state_code": "code"', ""), encoding="utf-8")
    assert load_run(settings, run.release_id) == run


INPUTS = StepInputs("upstream", "code", {"days": 30, "name": "x"}, "1.0")


@pytest.mark.parametrize(
    "other",
    [
        replace(INPUTS, upstream="other"),
        replace(INPUTS, code="other"),
        replace(INPUTS, version="other"),
        replace(INPUTS, variables={"days": 60, "name": "x"}),
        replace(INPUTS, variables={"days": 30}),
        replace(INPUTS, variables={"days": "30", "name": "x"}),
        StepInputs("upstreamcode", "", {"days": 30, "name": "x"}, "1.0"),
    ],
)
def test_every_input_of_a_step_is_in_its_digest(other: StepInputs) -> None:
    assert other.digest() != INPUTS.digest()


def test_the_order_of_variables_is_not_in_the_digest() -> None:
    assert replace(INPUTS, variables={"name": "x", "days": 30}).digest() == INPUTS.digest()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to be edited."""
    return shutil.copytree(PROJECT_ROOT / "plugins" / "kehu", tmp_path / "kehu", ignore=shutil.ignore_patterns("*.pyc"))


@pytest.mark.parametrize(
    ("digest", "folders", "file"),
    [
        (scoring_code_digest, ("clv", "scoring"), "pipeline/lifetime_value.py"),
        (personas_code_digest, ("personas", "scoring"), "pipeline/personas.py"),
    ],
)
def test_an_edit_anywhere_in_the_scoring_asks_for_new_scores(
    package: Path, digest: Callable[[Path], str], folders: tuple[str, ...], file: str
) -> None:
    edited = [package / file, *(one for name in folders for one in sorted((package / name).glob("*.py")))]
    assert len(edited) > 5
    before = digest(package)
    for one in edited:
        text = one.read_text(encoding="utf-8")
        one.write_text(text + "# edited\n", encoding="utf-8")
        assert digest(package) != before, one.relative_to(package)
        one.write_text(text, encoding="utf-8")
    (package / folders[-1] / "added.py").write_text("", encoding="utf-8")
    assert digest(package) != before
