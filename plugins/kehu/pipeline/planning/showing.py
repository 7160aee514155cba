"""A plan as text, for whoever may call the pipeline only."""

from __future__ import annotations

from kehu.plan.document import document
from kehu.plan.outcome import Plan
from kehu.plan.rendering import as_markdown, as_page, as_text

_PAGE_ROWS = 500


def plan_as_text(plan: Plan) -> str:
    """For a terminal."""
    return as_text(document(plan))


def plan_as_markdown(plan: Plan) -> str:
    """For a pull request."""
    return as_markdown(document(plan))


def plan_as_page(plan: Plan) -> str:
    """As a page of one file."""
    return as_page(document(plan, _PAGE_ROWS))
