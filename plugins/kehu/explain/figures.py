"""Figures as an explanation writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def figure_text(value: Any) -> str:
    """A number for people: money with its cents, other figures without needless digits."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def percent_text(share: Any) -> str:
    """A share as a percentage with two decimals."""
    return f"{float(share):.2%}".replace("%", " %")
