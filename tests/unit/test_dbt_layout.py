"""The models stand in their rooms: facts up to D are stated once, and what is published for readers is read by no model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DBT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = {file.stem: file for file in sorted((DBT / "models").rglob("*.sql"))}
_REFERENCE = re.compile(r"ref\(\s*'(\w+)'\s*\)")
_EVENT_DAY = "order_date|purchase_date|refund_date|sent_date|spend_date|created_date|occurred_date|start_date"
_UP_TO_D = re.compile(rf"\b(?:delivered_|next_)?(?:{_EVENT_DAY}) <= \{{\{{ as_of_date\(\) \}}\}}")

KNOWN_WITHOUT_A_DAY = {
    "base_reporting_rates",
    "core_customers",
    "int_categories_arrange",
    "int_countries_list_names",
    "int_products_choose_category",
    "int_products_find_first_line",
    "int_products_list_categories",
    "int_records_merge",
    "stg_accounts",
    "stg_product_categories",
    "stg_products",
}
"""State that features and marts may read beside facts: who and what there is, and when it was first seen."""
ABOUT_THE_STATE = {
    "dim_excluded_customers": "what excluded customers would have added lies below the facts that count",
    "customer_record_links": "publishes how records were linked",
    "fct_survey_responses": "takes the texts of answers from beneath the facts, which hold no text",
    "identity_clusters_to_review": "publishes how records were linked",
    "identity_summary": "publishes how records and events were assigned, those that count and those that do not",
    "map_source_customers_to_customers": "publishes how records were linked",
}
"""Marts about what lies beneath the facts, and why."""


def room(name: str) -> str:
    """The folder of a model below ``models/``."""
    return MODELS[name].parent.relative_to(DBT / "models").as_posix()


def references(file: Path) -> set[str]:
    return set(_REFERENCE.findall(file.read_text(encoding="utf-8")))


AT_A_DAY = sorted(name for name in MODELS if room(name).startswith(("features", "scored", "marts")))
STATE = {name for name in MODELS if room(name).startswith(("staging", "intermediate", "core"))}


@pytest.mark.parametrize("name", [name for name in AT_A_DAY if room(name) != "features/facts"])
def test_facts_up_to_d_are_read_from_features_facts(name: str) -> None:
    if name in ABOUT_THE_STATE or (MODELS[name].parent.name == "history" and name == "customer_stage_changes"):
        pytest.skip("about what lies beneath the facts")
    assert references(MODELS[name]) & STATE - KNOWN_WITHOUT_A_DAY == set(), "read the facts in models/features/facts"


def test_only_facts_filter_events_by_d() -> None:
    filtering = {name for name in AT_A_DAY if _UP_TO_D.search(MODELS[name].read_text(encoding="utf-8"))}
    elsewhere = {name for name in filtering if room(name) != "features/facts"} - set(ABOUT_THE_STATE)
    assert elsewhere == set(), "state the filter in models/features/facts"
    assert len(filtering) > 5


def test_the_exceptions_are_models_that_need_one() -> None:
    assert set(ABOUT_THE_STATE) <= set(MODELS)
    assert KNOWN_WITHOUT_A_DAY <= STATE
    read = set().union(*(references(MODELS[name]) for name in AT_A_DAY))
    assert KNOWN_WITHOUT_A_DAY - read == set(), "nobody reads it"
    for name in ABOUT_THE_STATE:
        assert references(MODELS[name]) & STATE - KNOWN_WITHOUT_A_DAY, f"{name} reads facts as all others do"


def test_macros_read_facts_only_for_any_day() -> None:
    """The stages are wanted at month ends and at the last release's day too: their macros take the day. Of the others one is
    the body of models that are state themselves."""
    reading = {
        file.relative_to(DBT / "macros").as_posix()
        for file in (DBT / "macros").rglob("*.sql")
        if references(file) & STATE - KNOWN_WITHOUT_A_DAY
    }
    of_the_state = {"identity/assigned.sql"}
    assert reading - of_the_state <= {"stages/customer_positions_at.sql", "stages/customer_reactivations_at.sql"}
    users = [name for name, file in MODELS.items() if "assigned(" in file.read_text(encoding="utf-8")]
    assert len(users) > 3 and all("intermediate" in MODELS[name].parts for name in users)


@pytest.mark.parametrize(
    "leaf",
    [
        "dim_customers",
        "fct_orders",
        "fct_order_lines",
        "fct_refunds",
        "fct_loyalty_transactions",
        "fct_campaign_contacts",
    ],
)
def test_no_model_reads_a_leaf(leaf: str) -> None:
    """``dim_customers`` shows what all others have found out: one that read it would be one step from a circle."""
    files = [*MODELS.values(), *(DBT / "macros").rglob("*.sql")]
    assert [file.stem for file in files if leaf in references(file)] == []


def test_models_are_called_after_their_room() -> None:
    prefixes = {"intermediate": ("int_",), "core": ("core_",), "features": ("feat_", "customer_stage_changes")}
    for name in MODELS:
        expected = prefixes.get(room(name).split("/")[0])
        assert expected is None or name.startswith(expected), name


def test_every_model_that_has_rooms_beside_it_stands_in_one() -> None:
    for folder in ("intermediate", "features", "marts"):
        assert list((DBT / "models" / folder).glob("*.sql")) == [], f"models/{folder} is divided into rooms"
