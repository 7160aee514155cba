"""``docs/definitions.md`` is the law: it names every threshold with its default, and nothing cites a text outside of here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.support.repository import ROOT, text_files

PAGE = ROOT / "docs" / "definitions.md"
OF_A_RUN = {"as_of_date", "release_id", "candidate_schema", "reporting_currency", "timezone"}
"""Vars that a run fills in: they are no thresholds."""
_DEFAULT = re.compile(r"`(?P<name>[a-z0-9_]+)`\s+\((?P<value>[^()]+)\)")
_CITATION = re.compile(
    r"\b(?:DESIGN|DEFINITIONS|STYLE|DOMAIN)(?:\.md\b|\s+sections?\b)|\bsections?\s+\d|(?:\.\./)+shared\b"
)


def thresholds() -> dict[str, object]:
    """Every var and every limit of the drift check with its default."""
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    drift = yaml.safe_load((ROOT / "expectations" / "drift.yml").read_text(encoding="utf-8"))
    return {**project["vars"], **drift}


def wrong_defaults(text: str) -> Iterator[str]:
    known = thresholds()
    for match in _DEFAULT.finditer(text):
        if match["name"] in known and yaml.safe_load(match["value"]) != known[match["name"]]:
            yield f"{match['name']} is {known[match['name']]}, not {match['value']}"


def test_the_definitions_name_every_threshold() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [name for name in thresholds() if name not in OF_A_RUN and f"`{name}`" not in text]
    assert not missing, f"say in {PAGE.relative_to(ROOT)} what these decide, as `name` (default): {missing}"


def test_the_definitions_state_the_defaults_of_the_project() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert not list(wrong_defaults(text))
    assert len(list(_DEFAULT.finditer(text))) > 50
    assert list(wrong_defaults("first purchase at most `new_days` (61) days ago")) == ["new_days is 60, not 61"]


def test_nothing_cites_a_document_that_is_not_in_the_repository() -> None:
    found = {
        str(file.relative_to(ROOT)): cited
        for file in text_files()
        if file != Path(__file__) and (cited := _CITATION.findall(file.read_text(encoding="utf-8", errors="replace")))
    }
    assert not found, f"link the section of docs/ that says it: {found}"
    assert len(text_files()) > 500


def test_the_lookup_knows_a_citation() -> None:
    for text in (
        "see DESIGN section 4",
        "DEFINITIONS sections 4 to 7",
        "STYLE.md",
        "(section 2 of the …)",
        "../../shared/data",
    ):
        assert _CITATION.search(text), text


def test_the_documents_that_readers_begin_with_link_the_definitions() -> None:
    for file in ("README.md", "docs/data_dictionary.md", "dbt_project/models/marts/quality/metric_catalog.yml"):
        assert "definitions.md" in (ROOT / file).read_text(encoding="utf-8"), file
