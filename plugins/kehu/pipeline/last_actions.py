"""The actions of the release that BI reads, which the next one goes on from: what is done stays done, and arms stay as drawn.

They are read from the release and kept nowhere else: an erasure takes a person out of the releases, and a rollback brings the
actions of the release back with it.
"""

from __future__ import annotations

import logging
from datetime import date

import pyarrow as pa

from kehu.errors import ReleaseError
from kehu.release.catalog import current_release_id, reading
from kehu.release.ids import parse_release_id
from kehu.scoring.score_tables import SCORE_TABLES
from kehu.settings import Settings

log = logging.getLogger(__name__)

TABLE = "last_actions"
_COLUMNS = ", ".join(column.split()[0] for column in SCORE_TABLES[TABLE].split(","))
_SQL = f"""
    select {_COLUMNS} from analytics.customer_actions
    where kind in ('service', 'marketing') and action_id is not null
"""


def last_actions_release(settings: Settings, as_of: date) -> str | None:
    """The release whose actions a run of the day goes on from: the current one, unless it is of a later day."""
    current = current_release_id(settings)
    return None if current is None or parse_release_id(current).as_of > as_of else current


def read_last_actions(settings: Settings, as_of: date) -> dict[str, pa.Table]:
    """What that release has listed, as the table of ``scoring/score_tables.py``; nothing without such a release."""
    release_id = last_actions_release(settings, as_of)
    if release_id is None:
        return {}
    try:
        with reading(settings, release_id) as release:
            if "customer_actions" not in release.columns():
                return {}
            return {TABLE: release.arrow(_SQL)}
    except ReleaseError as error:
        # the gate holds the candidate back where there is nothing to compare with, unless that is accepted
        log.warning("the actions of the current release are not gone on from: %s", error)
        return {}
