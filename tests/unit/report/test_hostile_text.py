"""Text from data stays text: in the markup, in the embedded JSON, and in what Plotly draws."""

from __future__ import annotations

import html
import re

import pytest

from tests.unit.report.invented_release import write_report
from tests.unit.report.parsed_page import ParsedPage

pytestmark = pytest.mark.slow

ATTACKS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "<a href='javascript:alert(1)'>click</a>",
    "{{ 7 * 7 }} {x} %{x} $y$",
    "<b>bold</b><br>&lt;",
    "\u2028\u2029]]>",
]


LABELLED = {"Segments by net revenue": "Segment", "Lifecycle stages": "Stage", "Value tiers": "Value tier"}


def literal(text):
    return text.replace("'", "''")


@pytest.fixture(scope="module")
def page(make_release, tmp_path_factory):
    """A page in which every attack is the label of a segment and the text of a check, and one each every other text."""
    texts = [literal(attack) for attack in ATTACKS]
    segments = ("champions", "loyal", "at_risk", "cant_lose", "new", "promising", "high", "churned")
    labels = [
        f"update analytics.segment_summary set label_en = '{text}' where segment = '{segment}'"
        for text, segment in zip(texts, segments, strict=True)
    ]
    checks = [
        f"""insert into analytics.data_quality values ('r', null, '{text}', '{text}', '{text}', 'warning', 'failed',
            '{text}', '{text}', '{text}')"""
        for text in texts
    ]
    release = make_release(
        *labels,
        *checks,
        f"update analytics.segment_summary set label_en = null, segment = '{texts[1]}' where segment = 'hibernating'",
        f"update analytics.customer_rfm set rfm_segment = '{texts[1]}' where rfm_segment = 'hibernating'",
        f"update analytics.release set release_id = '{texts[3]}'",
        full=True,
    )
    return ParsedPage(write_report(release, tmp_path_factory.mktemp("hostile") / "page.html", "en", ATTACKS[4]))


def test_no_element_or_attribute_comes_from_data(page, full_release, tmp_path):
    harmless = ParsedPage(write_report(full_release, tmp_path / "harmless.html", "en", "USD"))
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in harmless.elements}
    assert {name for _, names in page.elements for name in names} == {
        name for _, names in harmless.elements for name in names
    }
    assert {names.get("href") for _, names in page.elements} == {names.get("href") for _, names in harmless.elements}
    assert page.programs == harmless.programs


def test_the_text_is_shown_as_it_is(page):
    shown = [row for row in page.table("What did not simply pass") if row["Verdict"] == "Warning"]
    for title in ("Layer", "Table", "Check", "Observed", "Expected", "Why it matters"):
        assert set(ATTACKS) <= {row[title] for row in shown}
    labels = {row[title] for caption, title in LABELLED.items() for row in page.table(caption)}
    assert set(ATTACKS) <= labels


def test_embedded_json_cannot_end_its_element(page):
    assert len(page.drawings) > 10
    for names, text in page.scripts:
        if names.get("type") == "application/json":
            assert not re.search("[<>&\u2028\u2029]", text)


def test_plotly_is_given_no_tag_but_those_of_the_drawings(page):
    tags = {
        tag for drawing in page.drawings.values() for text in strings(drawing) for tag in re.findall("<[^>]*>?", text)
    }
    assert tags <= {"<b>", "</b>", "<br>", "<extra>", "</extra>", "</span>", "<span style='color:#5d6b78'>"}


def test_a_pointer_shows_every_label_whole(page):
    hovers = [
        html.unescape(hover)
        for drawing in ("rfm-shares-wide", "value-tiers-wide", "lifecycle-stages-wide")
        for trace in page.drawings[drawing]["data"]
        for hover in trace["customdata"]
    ]
    for attack in ATTACKS:
        assert any(hover.startswith(f"<b>{attack}</b>") for hover in hovers)


def strings(node):
    """Every string in a drawing."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from strings(value)
