"""One file that needs nothing else, the same bytes for the same release, in two languages."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from pathlib import Path

import duckdb
import pytest
from plotly.offline import get_plotlyjs

from kehu.errors import ReleaseError, UsageError
from tests.unit.report.invented_release import write_report
from tests.unit.report.parsed_page import ParsedPage

pytestmark = pytest.mark.slow

SECTIONS = [
    "rfm",
    "lifecycle",
    "movement",
    "personas",
    "needs",
    "cohorts",
    "concentration",
    "lifetime",
    "kpis",
    "quality",
]


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request, full_release, tmp_path_factory):
    path = write_report(full_release, tmp_path_factory.mktemp("page") / "page.html", request.param, "USD")
    return ParsedPage(path)


def test_nothing_is_loaded_from_anywhere(page):
    outside = [url for url in page.urls() if not url.startswith(("#", "data:"))]
    assert outside == []
    assert not {"iframe", "object", "embed", "base", "form", "img", "video", "audio"} & {
        tag for tag, _ in page.elements
    }
    assert [names for tag, names in page.elements if tag == "link"] == [{"rel": "icon", "href": "data:,"}]
    assert [names for tag, names in page.elements if tag == "script" and "src" in names] == []


def test_links_within_the_page_lead_somewhere(page):
    ids = [names["id"] for _, names in page.elements if "id" in names]
    assert len(ids) == len(set(ids))
    targets = {names["href"].removeprefix("#") for tag, names in page.elements if tag == "a"}
    described = {names["aria-labelledby"] for _, names in page.elements if "aria-labelledby" in names}
    assert targets | described <= set(ids)
    assert set(SECTIONS) <= targets


def test_the_policy_lets_exactly_the_two_scripts_of_the_page_run(page):
    policy = next(
        names["content"] for _, names in page.elements if names.get("http-equiv") == "Content-Security-Policy"
    )
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.programs]
    assert len(hashes) == 2
    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    assert allowed["script-src"] == " ".join(f"'sha256-{digest}'" for digest in hashes)
    assert "connect-src" not in allowed


def test_no_element_carries_a_handler(page):
    assert [name for _, names in page.elements for name in names if name.startswith("on")] == []


def test_plotly_is_embedded_once_and_the_page_is_small_enough(page):
    assert page.source.count(get_plotlyjs()) == 1
    assert page.source.count("Plotly, Inc.") == get_plotlyjs().count("Plotly, Inc.")
    assert len(page.source.encode()) < 6_000_000
    assert len(page.source.encode()) - len(max(page.programs, key=len).encode()) < 500_000


def test_every_chart_has_a_text_and_its_drawings(page):
    drawn = [names for _, names in page.elements if "data-chart" in names]
    assert len(drawn) > 10
    for names in drawn:
        assert names["role"] == "img"
        assert len(names["aria-label"]) > 20
        assert f"{names['data-chart']}-wide" in page.drawings
    figures = sum(tag == "figure" for tag, _ in page.elements)
    folded = 3 if page.elements[0][1]["lang"] == "en" else 4
    assert sum(tag == "details" for tag, _ in page.elements) == figures + folded, (
        "a table for each chart, one for the models, one for all months, one for the needs of the months; "
        "in Chinese also the English record of the checks"
    )


def test_sections_come_in_order_with_a_headline_that_holds_a_number(page):
    assert [
        names["id"] for tag, names in page.elements if tag == "section" and names.get("class") == "chapter"
    ] == SECTIONS
    *headlines, absent = page.texts_of("span.says")
    assert len(headlines) == len(SECTIONS)
    assert all(any(character.isdigit() for character in headline) for headline in headlines)
    assert page.texts_of("h2")[1:-2] == headlines
    assert all(name in absent for name in page.texts_of("h3")[-len(page.texts_of("p.missing")) :])


def test_what_is_not_delivered_is_a_line_at_the_end_and_no_empty_chapter(page):
    lines = [names["id"] for tag, names in page.elements if names.get("class") == "absent"]
    assert lines == ["voice", "risk", "plan", "offers", "loyalty", "campaigns", "targets"]
    assert len(page.texts_of("p.missing")) == len(lines)


def test_the_page_says_its_language(full_release, tmp_path):
    english = ParsedPage(write_report(full_release, tmp_path / "en.html", "en", "USD"))
    chinese = ParsedPage(write_report(full_release, tmp_path / "zh.html", "zh", "CNY"))
    assert english.elements[0][1]["lang"] == "en"
    assert chinese.elements[0][1]["lang"] == "zh-CN"
    assert not any("\u4e00" <= character <= "\u9fff" for character in english.text)
    assert "Champions" in english.text
    assert "冠军客户" in chinese.text
    assert "Champions" not in chinese.text
    assert f"CNY {english.figures()['Net revenue'][0]}" in chinese.text


def test_the_same_release_gives_the_same_bytes_wherever_it_lies(full_release, tmp_path):
    copy = tmp_path / "elsewhere" / full_release.name
    shutil.copytree(full_release, copy)
    first = write_report(full_release, tmp_path / "a.html", "en", "USD").read_bytes()
    second = write_report(copy, tmp_path / "b.html", "en", "USD").read_bytes()
    assert first == second
    assert str(tmp_path).encode() not in second


def test_the_release_is_left_as_it_was(full_release, tmp_path):
    folder = tmp_path / full_release.name
    shutil.copytree(full_release, folder)
    file = folder / "kehu.duckdb"
    before = file.read_bytes()
    os.chmod(file, 0o444)
    os.chmod(folder, 0o555)
    try:
        write_report(folder, tmp_path / "page.html", "en", "USD")
    finally:
        os.chmod(folder, 0o755)
    assert file.read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["kehu.duckdb"]


def test_an_older_page_is_replaced_and_nothing_else_stays(full_release, tmp_path):
    output = tmp_path / "reports" / "page.html"
    output.parent.mkdir()
    output.write_text("old")
    assert write_report(full_release, output, "en", "USD") == output
    assert output.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in output.parent.iterdir()] == ["page.html"]


def test_no_customer_appears(page, full_release):
    connection = duckdb.connect()
    connection.execute(f"attach '{full_release / 'kehu.duckdb'}' as published (read_only)")
    ids = [row[0] for row in connection.execute("select customer_id from published.analytics.dim_customers").fetchall()]
    assert len(ids) > 600
    assert [customer for customer in ids if customer in page.source] == []


def test_a_release_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ReleaseError, match="r20200101_none"):
        write_report(tmp_path / "r20200101_none", tmp_path / "page.html", "en", "USD")
    assert not (tmp_path / "page.html").exists()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "kehu.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(ReleaseError, match="cannot be read"):
        write_report(tmp_path, tmp_path / "page.html", "en", "USD")


@pytest.mark.parametrize(
    "statement",
    ["drop table analytics.cohort_retention", "alter table analytics.kpi_monthly drop column is_complete"],
)
def test_a_release_without_a_table_or_column_of_the_contract_is_refused(make_release, tmp_path, statement):
    folder = make_release(statement, full=True)
    with pytest.raises(ReleaseError, match="contract"):
        write_report(folder, tmp_path / "page.html", "en", "USD")


def test_an_unknown_language_is_refused(full_release, tmp_path: Path):
    with pytest.raises(UsageError, match="'fr'"):
        write_report(full_release, tmp_path / "page.html", "fr", "USD")  # type: ignore[arg-type]
