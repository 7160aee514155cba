"""The pages of the gate open from disk, say what blocks, and are those of the last check."""

from __future__ import annotations

import re
from html import unescape

import pytest

from kehu.errors import CandidateRejected
from kehu.settings import Settings
from tests.unit.gate.small_release import RELEASE, TABLES, check_candidate, expectation, suite, write_suites

pytestmark = pytest.mark.slow

LOADED = re.compile(
    r"<(?:script|iframe|img|link)\b[^>]*?(?:src|href)\s*=\s*[\"']([^\"']+)|url\(\s*[\"']?([^\"')]+)", re.IGNORECASE
)


def check(settings: Settings) -> None:
    check_candidate(settings)


def test_every_checked_table_has_a_page_that_loads_nothing_from_the_network(home: Settings) -> None:
    check(home)

    folder = home.data_docs_dir / RELEASE
    assert {file.stem for file in (folder / "marts").glob("*.html")} == set(TABLES) - {"fct_refunds"}
    for file in folder.rglob("*.*"):
        for link in LOADED.findall(file.read_text("utf-8")):
            target = "".join(link)
            assert not re.match(r"(https?:)?//", target), f"{file.name} loads {target}"
            assert (file.parent / target).is_file(), f"{file.name} loads {target}, which is not there"
    assert not list(folder.glob(".*")), "nothing is left of the building"


def test_every_link_of_the_index_leads_somewhere(home: Settings) -> None:
    check(home)

    index = home.data_docs_dir / RELEASE / "index.html"
    links = re.findall(r'<a href="([^"]+)"', index.read_text("utf-8"))
    assert "marts/fct_orders.html" in links
    assert all((index.parent / link).is_file() for link in links)


def test_the_index_says_that_nothing_blocks(home: Settings) -> None:
    check(home)

    page = (home.data_docs_dir / RELEASE / "index.html").read_text("utf-8")
    assert "Nothing blocks the publication." in page


def test_the_index_says_what_blocks_and_why(home: Settings) -> None:
    wrong = expectation("expect_column_values_to_be_between", column="net_revenue", max_value=5)
    write_suites(home, "marts", {"fct_orders": suite("fct_orders", wrong)})

    with pytest.raises(CandidateRejected):
        check(home)

    page = unescape((home.data_docs_dir / RELEASE / "index.html").read_text("utf-8")).replace("<wbr>", "")
    assert page.index('<tr class="blocks">') < page.index("<details>"), "what passed is folded away below"
    assert '<tr class="passed">' not in page[: page.index("<details>")]
    assert "Rejected: 1 checks block the publication" in page
    row = page[page.index('<tr class="blocks">') :].split("</tr>")[0]
    for text in (
        "marts/fct_orders.html",
        "column_values_to_be_between_net_revenue",
        "4 of 10 rows otherwise",
        "at most 5",
    ):
        assert text in row


def test_the_page_of_a_table_shows_the_reason_of_an_expectation(home: Settings) -> None:
    check(home)

    assert "the test says so" in (home.data_docs_dir / RELEASE / "marts" / "fct_orders.html").read_text("utf-8")


def test_pages_of_an_earlier_check_do_not_stay(home: Settings) -> None:
    check(home)
    (home.expectations / "marts" / "fct_orders.yml").unlink()

    with pytest.raises(CandidateRejected):
        check(home)

    assert not (home.data_docs_dir / RELEASE / "marts" / "fct_orders.html").exists()
    assert (home.data_docs_dir / RELEASE / "marts" / "dim_customers.html").exists()


def test_a_page_that_cannot_be_rendered_blocks(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from kehu.gate.gx.lean_import import lean_import

    with lean_import():
        from great_expectations.render.view import DefaultJinjaPageView

    def fail(*_: object, **__: object) -> str:
        raise ValueError("no page")

    monkeypatch.setattr(DefaultJinjaPageView, "render", fail)

    with pytest.raises(CandidateRejected, match="gate_ran_to_its_end: error: observed RuntimeError"):
        check(home)
