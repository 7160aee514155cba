"""Campaigns: uplift only beside an arm held back, with its interval and what keeps it from being relied on."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kehu.report.sections import campaigns
from kehu.report.wording import Wording
from tests.unit.report.contract_release import reader_of
from tests.unit.report.parsed_page import plain


def campaign(name, start, uplift, *, width=0.04, **more):
    compared = {} if uplift is None else {"uplift_low": uplift - width, "uplift_high": uplift + width}
    summary = {
        "campaign_id": f"s:{name}", "treated": 520, "held_out": 0 if uplift is None else 210, "in_both_arms": 0,
        "not_judged": 0, "controls_reached": 0, "uplift": uplift, "incremental_margin": 900, "cost": 300, "roi": 2.0,
        "coupon_redemption_rate": 0.04, "is_overlap_uneven": False, "is_split_uneven": False,
        "is_significant": uplift is not None and uplift > width, "is_thin": False, **compared, **more,
    }  # fmt: skip
    whole = {
        "campaign_id": f"s:{name}", "segmentation": "all", "segment": "all", "contacted": 500,
        "controls": None if uplift is None else 200, "responded": 60, "response_rate": 0.12,
        "control_rate": None if uplift is None else 0.12 - uplift,
    }  # fmt: skip
    return summary, whole, {"campaign_id": f"s:{name}", "campaign_name": f"{name} sale", "start_date": start}


ALL = [
    campaign("Spring", date(2024, 3, 1), 0.01),
    campaign("Winter", date(2024, 1, 9), 0.07, is_thin=True, controls_reached=3),
    campaign("Autumn", date(2023, 9, 1), None),
]
SEGMENTS = [
    {"campaign_id": "s:Spring", "segmentation": "value_tier", "segment": segment, "contacted": 100, "controls": 50,
     "response_rate": 0.2, "control_rate": 0.2 - uplift, "uplift": uplift, "uplift_low": uplift - 0.05,
     "uplift_high": uplift + 0.05, "is_significant": uplift > 0.05, "is_thin": False}
    for segment, uplift in (("low", -0.01), ("high", 0.09))
]  # fmt: skip
LABELS = [{"segmentation": "value_tier", "segment": "high", "label_en": "High value", "label_zh": "高价值"}]


def section(language="en", rows=ALL, segments=SEGMENTS):
    summaries, wholes, names = zip(*rows, strict=True) if rows else ((), (), ())
    reader = reader_of(
        campaign_summary=[*summaries],
        campaign_response=[*wholes, *segments],
        dim_campaigns=[*names],
        segment_summary=LABELS,
    )
    return campaigns.build(campaigns.read(reader), Wording(language, "USD"))


def chart(built, chart_id):
    return next(one for one in built.charts if one.id == chart_id)


def test_what_worked_is_counted_among_those_with_an_arm_held_back():
    built = section()
    assert plain(built.headline) == (
        "1 of 2 campaigns with an arm held back raised purchases by more than chance explains"
    )
    assert plain(built.notes[0]) == "Without an arm held back there is no uplift: 1 campaign."
    assert any("Too few persons" in note for note in built.notes)
    assert any("reached nevertheless" in note for note in built.notes)


def test_differences_stand_with_their_intervals_and_thin_ones_are_hollow():
    shown = chart(section(), "campaigns-uplift")
    whiskers, dots = json.loads(shown.wide)["data"]
    assert dots["x"] == [0.01, 0.07]
    assert [colour == "#ffffff" for colour in dots["marker"]["color"]] == [False, True]
    assert whiskers["x"][:2] == [pytest.approx(-0.03), pytest.approx(0.05)]
    assert [row[0] for row in shown.table.rows] == ["Spring sale", "Winter sale"]
    assert shown.table.rows[1][5:] == ("+7.0 points", "3.0 to 11.0")


def test_the_segments_are_those_of_the_latest_campaign_that_can_be_judged():
    shown = chart(section(), "campaigns-segments")
    assert shown.headline == "“Spring sale” worked for: High value"
    assert [row[0] for row in shown.table.rows] == ["High value", "low"]


def test_a_campaign_without_control_has_a_rate_and_no_uplift():
    built = section(rows=[ALL[2]], segments=[])
    assert [one.id for one in built.charts] == ["campaigns-rates"]
    assert plain(built.headline) == "1 campaign held nobody back, so what they changed cannot be told"
    (table,) = built.details
    assert table.rows[0][-1] == "No arm held back"


def test_nothing_is_judged_before_a_window_has_ended():
    summary, whole, name = campaign("New", date(2024, 3, 10), None, not_judged=40)
    built = section(
        rows=[(summary, whole | {"contacted": 0, "response_rate": None, "responded": 0}, name)], segments=[]
    )
    assert not built.charts
    assert "cannot be judged yet" in built.headline


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_campaigns_a_line_says_what_to_deliver(language):
    assert "campaign_contacts" in section(language, [], []).missing
    assert "campaign_contacts" in campaigns.build(campaigns.read(reader_of()), Wording(language, "USD")).missing
