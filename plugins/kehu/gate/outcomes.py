"""What an expectation found, in words that hold figures and names of columns but never a value of the data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kehu.entities import ENTITIES
from kehu.gate.expectation import Expectation

_COUNTS = (
    *("element_count", "unexpected_count", "unexpected_percent", "missing_count", "missing_percent"),
    *("unexpected_percent_total", "unexpected_percent_nonmissing"),
)
_NOT_SHOWN = {
    *("min_value", "max_value", "value_set", "column_set", "exact_match", "mostly", "query"),
    *("column", "column_A", "column_B", "or_equal", "ignore_row_if"),
}
"""Arguments that the text of an expectation says in words, or need not say."""
_PERSONAL = {column.name for entity in ENTITIES.values() for column in entity.columns if column.personal}
_SHOWN_MESSAGE = re.compile(
    r"(?:Binder|Catalog|Parser|IO) Error: [^\n]*|The column \"[^\"\n]*\" in BatchData does not exist\."
    r"|(?:column|relation|schema|function) [\w.\"(), ]+ does not exist|syntax error at or near \"\w*\""
)
"""Messages about names and syntax. All others may quote a value of the data and are left out."""


@dataclass(frozen=True)
class Outcome:
    """The answer to one expectation; ``problem`` is set if it could not be evaluated."""

    expectation: Expectation
    success: bool
    observed: str
    problem: str | None = None


def safe_result(expectation: Expectation, result: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a result of Great Expectations that may be stored: counts, figures, days and names of columns."""
    safe: dict[str, Any] = {key: result[key] for key in _COUNTS if isinstance(result.get(key), (int, float))}
    if "partial_unexpected_list" in result:
        safe["partial_unexpected_list"] = []
    if "table_columns" in expectation.type:
        safe |= {key: result[key] for key in ("observed_value", "details") if key in result}
    elif "observed_value" in result and _may_be_shown(expectation, result["observed_value"]):
        safe["observed_value"] = result["observed_value"]
    return safe


def observed_text(expectation: Expectation, safe: Mapping[str, Any], success: bool) -> str:
    """What was observed, from a safe result."""
    if "table_columns" in expectation.type:
        return _columns_text(safe) or ("all there" if success else "other columns")
    if isinstance(safe.get("observed_value"), (int, float, Decimal, date)):
        text = figure(safe["observed_value"])
        return f"{text} rows" if expectation.type == "unexpected_rows_expectation" else text
    if "unexpected_count" in safe and "element_count" in safe:
        return f"{safe['unexpected_count']} of {safe['element_count']} rows otherwise"
    if "unexpected_count" in safe:
        return f"{safe['unexpected_count']} other values"
    return "as expected" if success else "otherwise, or no value"


def expected_text(expectation: Expectation) -> str:
    """What was expected, from the arguments in the suite."""
    arguments = expectation.arguments
    parts = []
    if expectation.type == "unexpected_rows_expectation":
        return "0 rows"
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if low is not None and high is not None:
        parts.append(f"{figure(low)} to {figure(high)}")
    elif low is not None or high is not None:
        parts.append(f"at least {figure(low)}" if low is not None else f"at most {figure(high)}")
    if "value_set" in arguments:
        parts.append("one of " + ", ".join(str(value) for value in arguments["value_set"]))
    if "column_set" in arguments:
        parts.append(f"the {len(arguments['column_set'])} columns of the contract")
    if "greater_than" in expectation.type:
        sign = "≥" if arguments.get("or_equal") else ">"
        parts.append(f"{arguments.get('column_A')} {sign} {arguments.get('column_B')}")
    parts += [f"{name} {value}" for name, value in arguments.items() if name not in _NOT_SHOWN]
    if "mostly" in arguments:
        parts.append(f"in at least {figure(100 * float(arguments['mostly']))} % of the rows")
    return " ".join(parts) or expectation.name.replace("_", " ")


def problem_text(exception_info: Mapping[str, Any]) -> str | None:
    """Why an expectation could not be evaluated, without values; None if it was."""
    entries = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    raised = [entry for entry in entries if isinstance(entry, Mapping) and entry.get("raised_exception")]
    if not raised:
        return None
    return safe_message(str(raised[0].get("exception_message")), "Great Expectations raised an exception")


def safe_message(message: str, otherwise: str) -> str:
    """The part of an engine's message that is about names and syntax, else ``otherwise``."""
    found = _SHOWN_MESSAGE.search(message)
    return found[0].strip() if found else f"{otherwise} (its text may quote data and is left out)"


def figure(value: object) -> str:
    """A number or a day, short and exact enough to compare."""
    if isinstance(value, (float, Decimal)):
        return f"{float(value):.6g}" if abs(float(value)) < 1e6 else f"{float(value):.2f}"
    return str(value)


def _may_be_shown(expectation: Expectation, value: object) -> bool:
    named = {expectation.arguments.get(key) for key in ("column", "column_A", "column_B")}
    return value is None or (isinstance(value, (int, float, Decimal, date)) and not named & _PERSONAL)


def _columns_text(safe: Mapping[str, Any]) -> str:
    details = safe.get("details")
    mismatched = details.get("mismatched") if isinstance(details, Mapping) else None
    if not isinstance(mismatched, Mapping) or "missing" not in mismatched:
        return ""
    text = f"missing {', '.join(mismatched['missing'])}"
    return text + (f"; not expected {', '.join(mismatched['unexpected'])}" if mismatched.get("unexpected") else "")
