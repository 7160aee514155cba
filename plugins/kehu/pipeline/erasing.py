"""Erase a person: the one call behind the command and the DAG."""

from __future__ import annotations

from kehu.erasure.erase import erase_customer as erase
from kehu.erasure.report import ErasureReport
from kehu.files.private import close_home
from kehu.settings import Settings


def erase_customer(settings: Settings, customer: str, dry_run: bool = False) -> ErasureReport:
    """Erase a person from all stored data and verify that nothing is left; ``dry_run`` counts what would change."""
    close_home(settings)
    return erase(settings, customer, dry_run)
