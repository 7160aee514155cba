"""SQL and Jinja as what they do: without comments and layout, and with the macros and vars that they name."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_PARTS = re.compile(
    r"(?P<blank>(?:\s|\{#.*?#\}|--[^\n]*|/\*.*?\*/)+)|'[^']*'|\"[^\"]*\"",
    re.DOTALL,
)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_VAR = re.compile(r"\bvar\(\s*(?:(['\"])(\w+)\1|(\w))")
_LITERAL = re.compile(r"['\"](\w+)['\"]")


@dataclass(frozen=True)
class CodeText:
    """What a piece of code says and names.

    Attributes:
        digest: of the code without comments and layout.
        words: the words within Jinja, the names of macros among them.
        variables: the vars that it reads by a name written there.
        names_variables: whether it reads vars by names that somebody hands over; they stand in quotes somewhere.
        reads_any_variable: whether it takes the names of vars from data.
        literals: the words in quotes.
    """

    digest: str
    words: frozenset[str]
    variables: frozenset[str]
    names_variables: bool
    reads_any_variable: bool
    literals: frozenset[str]


def read_code(code: str) -> CodeText:
    """Read a model, a test or a macro."""
    plain = without_comments(code)
    inside = " ".join(match.group() for match in _JINJA.finditer(plain))
    variables = list(_VAR.finditer(plain))
    handed_over = any(match[3] for match in variables)
    return CodeText(
        digest=digest_of(plain),
        words=frozenset(_WORD.findall(inside)),
        variables=frozenset(match[2] for match in variables if match[2]),
        names_variables=handed_over,
        reads_any_variable=handed_over and "run_query" in plain,
        literals=frozenset(_LITERAL.findall(plain)),
    )


def without_comments(code: str) -> str:
    """The code without comments, and with one space where there were any; what is in quotes stays as it is.

    dbt renders Jinja in a comment of SQL like any other: that is no comment to it.
    """
    return _PARTS.sub(_kept, code).strip()


def _kept(match: re.Match[str]) -> str:
    if match["blank"] is None:
        return match.group()
    rendered = _JINJA.findall(match["blank"])
    return " ".join(["", *rendered, ""]) if rendered else " "


def digest_of(text: str) -> str:
    """16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
