"""Words that the glossary has replaced do not come back."""

from __future__ import annotations

import re

from tests.support.repository import ROOT, text_files

RETIRED = {
    r"\b(?:the|its|their|all) books\b": "ops metadata",
    r"\b(?:the|a|each|every) tenth of the (?:customers|buyers)\b": "decile",
    r"\b(?:is|are) told of\b": "an alert is sent, or the noun",
    r"\bDuty\b|\bduty: ": "role",
    r"\bsettle\(": "checkpoint",
    r"\bstate_cause\b": "on_task_failure",
    r"\bproof_tables\b|\bholdout proof\b": "backtest",
    r"\bfeat_purchase_tuples\b|\bclass Tuples\b": "RFM summary",
    r"\bfeat_silences\b|\blength of silence\b": "purchase gap",
    r"\bfeat_customer_habits\b": "order behaviour",
}
"""Pattern, and what the glossary says instead."""
SEARCHED = ("bench", "dags", "dbt_project", "docs", "expectations", "plugins", "README.md", "CONTRIBUTING.md")
DEFINED = ROOT / "docs" / "glossary.md"


def test_retired_words_do_not_come_back() -> None:
    found = []
    for file in text_files():
        if file.relative_to(ROOT).parts[0] not in SEARCHED or file == DEFINED:
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{file.relative_to(ROOT)}: {match[0]!r}, say: {word}"
            for pattern, word in RETIRED.items()
            if (match := re.search(pattern, text))
        ]
    assert not found, "\n".join(found)


def test_the_search_finds_them() -> None:
    for text in ("written into the books", "is told of it", "open_warehouse(duty: Duty)", "session.settle()"):
        assert any(re.search(pattern, text) for pattern in RETIRED), text
