"""What a person may give a run, and that nothing else gets near dbt's vars or a path."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kehu.errors import UsageError
from kehu.gate.suites import suite_files
from kehu.orchestration.parameters import business_day, in_utc
from kehu.settings import PROJECT_ROOT

STARTED = datetime(2024, 3, 2, 22, 30, tzinfo=UTC)

INJECTIONS: list[dict[str, Any]] = [
    {"as_of": "2018-01-01, release_id: x"},
    {"as_of": "2018-01-01'}}"},
    {"as_of": "{{ env_var('HOME') }}"},
    {"as_of": "2018-01-01\n"},
    {"as_of": "2018-1-1"},
    {"as_of": "20180101"},
    {"as_of": "2018-02-30"},
    {"as_of": "２０１８-01-01"},
    {"as_of": 20180101},
    {"as_of": ["2018-01-01"]},
    {"as_of": {"as_of_date": "2018-01-01"}},
    {"as_of": ""},
    {"accept_drift": "net_revenue"},
    {"accept_drift": ["net_revenue; drop table x"]},
    {"accept_drift": ["net_revenue\n"]},
    {"accept_drift": ["Net_Revenue"]},
    {"accept_drift": ["../../x"]},
    {"accept_drift": [1]},
    {"accept_drift": [{"net_revenue": True}]},
    {"accept_drift": None},
    {"make_current": "true"},
    {"make_current": 1},
]

RELEASES = ["../../etc/passwd", "r20180101_20260102t031500\n", "r20180101", "R20180101_20260102t031500", " ", None, 1]

CUSTOMERS = [
    "", "c7", "shop:", ":c7", "shop:c7\n", "shop:c7; drop table x", "shop:c7'", 'shop:c7"', "shop:$(id)", "shop:`id`",
    "shop:{{ env_var('HOME') }}", "shop:c7 or 1=1", "../x:c7", "shop:c7|x", "shop:\x00", "shop:" + "7" * 200, None, 7,
    ["shop:c7"],
]  # fmt: skip


def validate(dag: Any, conf: dict[str, Any]) -> dict[str, Any]:
    """As the scheduler and the API do it when a run is created, wherever it comes from."""
    from airflow.serialization.serialized_objects import DagSerialization

    serialized = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    values: dict[str, Any] = serialized.params.deep_merge(conf).validate()
    return values


@pytest.mark.parametrize("conf", INJECTIONS, ids=str)
def test_a_run_with_anything_but_a_day_and_names_of_checks_is_refused(bag: Any, conf: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Invalid input for param"):
        validate(bag.dags["build_customers"], conf)


@pytest.mark.parametrize("release_id", RELEASES, ids=repr)
def test_a_rollback_to_anything_but_a_release_id_is_refused(bag: Any, release_id: Any) -> None:
    with pytest.raises(ValueError, match="Invalid input for param"):
        validate(bag.dags["rollback_release"], {"release_id": release_id})


@pytest.mark.parametrize(
    "conf",
    [
        {},
        {"as_of": "2018-01-01"},
        {"accept_drift": ["net_revenue", "row_count:dim_customers", "psi:rfm"]},
        {"make_current": True},
        {"make_current": None},
    ],
    ids=str,
)
def test_what_is_meant_is_accepted(bag: Any, conf: dict[str, Any]) -> None:
    assert conf.items() <= validate(bag.dags["build_customers"], conf).items()


@pytest.mark.parametrize("release_id", ["", "r20180101_20260102t031500"])
def test_a_release_id_or_none_is_accepted(bag: Any, release_id: str) -> None:
    assert validate(bag.dags["rollback_release"], {"release_id": release_id})["release_id"] == release_id


@pytest.mark.parametrize("customer", CUSTOMERS, ids=repr)
def test_an_erasure_of_anything_but_an_id_is_refused(bag: Any, customer: Any) -> None:
    with pytest.raises(ValueError, match="Invalid input for param"):
        validate(bag.dags["erase_customer"], {"customer": customer})


@pytest.mark.parametrize("customer", ["shop:1001", "crm:lead:7", "shop-2:Ä.b_c@example.com", "fx:客户7"])
def test_an_erasure_by_id_is_accepted_and_only_counts_unless_asked(bag: Any, customer: str) -> None:
    assert validate(bag.dags["erase_customer"], {"customer": customer}) == {"customer": customer, "dry_run": True}


def test_an_erasure_of_nobody_is_refused(bag: Any) -> None:
    with pytest.raises(ValueError, match="customer"):
        validate(bag.dags["erase_customer"], {})


def test_a_key_that_is_no_parameter_reaches_no_task(bag: Any) -> None:
    """Tasks read their parameters by name; what else is in the configuration is nobody's."""
    values = validate(bag.dags["build_customers"], {"vars": {"as_of_date": "2018-01-01"}})
    assert set(values) - {"vars"} == {"as_of", "accept_drift", "make_current"}


def test_the_example_of_a_drift_check_is_one_that_there_is(bag: Any) -> None:
    described = bag.dags["build_customers"].params.get_param("accept_drift").description
    example = described.rsplit("for example ", 1)[1].rstrip(".")
    kind, _, what = example.partition(":")

    assert f'f"{kind}:{{' in (PROJECT_ROOT / "plugins/kehu/gate/drift.py").read_text(encoding="utf-8")
    assert what in suite_files(PROJECT_ROOT / "expectations" / "marts")
    assert validate(bag.dags["build_customers"], {"accept_drift": [example]})["accept_drift"] == [example]


def day(as_of: str | None = None, key: str | None = None, timezone: str = "UTC") -> date:
    return business_day({"as_of": as_of}, key, STARTED, timezone)


def test_the_business_day_is_the_parameter_or_the_delivered_day() -> None:
    assert day(as_of="2018-01-01") == date(2018, 1, 1)
    assert day(key="2018-01-01") == date(2018, 1, 1)
    assert day(as_of="2018-01-01", key="2018-01-01") == date(2018, 1, 1)


def test_a_run_without_a_business_day_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"no business day.*as_of"):
        day()


def test_two_different_days_are_refused() -> None:
    with pytest.raises(UsageError, match="different days"):
        day(as_of="2018-01-01", key="2018-01-02")


@pytest.mark.parametrize("key", ["2018-01-01T00", "20180101", "x'; drop table y", "2018-W01-1", "2018-01-01\n"])
def test_a_partition_key_that_is_no_day_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="not a business day"):
        day(key=key)


def test_a_day_that_has_not_begun_is_refused_in_the_business_time_zone() -> None:
    assert day(as_of="2024-03-02") == date(2024, 3, 2)
    with pytest.raises(UsageError, match="has not begun"):
        day(as_of="2024-03-03")
    assert day(as_of="2024-03-03", timezone="Asia/Shanghai") == date(2024, 3, 3)


def test_the_start_of_a_run_is_kept_to_the_second_in_utc() -> None:
    moment = datetime.fromisoformat("2024-03-03T06:30:15.999+08:00")
    assert in_utc(moment) == datetime.fromisoformat("2024-03-02T22:30:15")
