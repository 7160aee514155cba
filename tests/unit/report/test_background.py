"""What the page says of the release's manifest: deliveries, and where the value tiers were cut."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kehu.report.background import Background, Delivery
from tests.unit.report.invented_release import write_report
from tests.unit.report.parsed_page import ParsedPage

BACKGROUND = Background(
    deliveries=(
        Delivery("shop", datetime.fromisoformat("2024-03-17T04:05:06"), date(2024, 3, 16)),
        Delivery("desk", None, None),
    ),
    high_up_to=0.5,
    medium_up_to=0.705,
)


@pytest.fixture(scope="module")
def pages(full_release, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return {
        name: ParsedPage(write_report(full_release, folder / f"{name}.html", language, "USD", background))
        for name, language, background in (
            ("told", "en", BACKGROUND),
            ("chinese", "zh", BACKGROUND),
            ("untold", "en", Background()),
        )
    }


def test_every_source_is_listed_with_its_last_landing_and_order(pages):
    assert pages["told"].tables["What each source has delivered"] == [
        ["Source", "Last landing (UTC)", "Last order"],
        ["shop", "2024-03-17 04:05", "16 March 2024"],
        ["desk", "–", "–"],
    ]
    assert pages["chinese"].tables["各数据源的交付"][1:] == [
        ["shop", "2024-03-17 04:05", "2024 年 3 月 16 日"],
        ["desk", "–", "–"],
    ]


def test_the_value_tiers_are_explained_with_the_cuts_in_force(pages):
    assert "who together bring the first 50% of net revenue; medium: up to 70.5%; low: the rest." in pages["told"].text
    assert "前 50% 净收入的客户；中价值：至 70.5%" in pages["chinese"].text


def test_a_release_that_does_not_say_so_is_drawn_without_it(pages):
    assert "What each source has delivered" not in pages["untold"].tables
    assert "in three tiers by what they bring together" in pages["untold"].text
