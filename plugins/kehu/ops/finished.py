"""Whether a candidate stands whole: the mark that its last step leaves in ``ops.steps``, and the verdict upon it.

Gate and publication look at what is in the candidate's schema, and that alone does not tell whether a build was killed there.
"""

from __future__ import annotations

from collections.abc import Container

from kehu.errors import ReleaseError
from kehu.ops.checked import forget_checked
from kehu.ops.checks import forget_checks
from kehu.ops.steps import forget_mark, has_mark, set_mark
from kehu.ops.tables import candidate_schema
from kehu.session import Session

FINISHED = "finished"
"""``ops.steps.step`` of the mark; no step of a build has this name."""
VERDICT = ("marts", "drift")
"""Layers of ``ops.check_results`` that the gate in front of BI writes: they speak of one whole candidate."""


def require_candidate(tables: Container[str], release_id: str) -> None:
    """Make sure that there is a candidate: it has the table that names its release.

    Args:
        tables: the names of the tables in the candidate's schema.
        release_id: the candidate.

    Raises:
        ReleaseError: there is none.
    """
    if "release" not in tables:
        raise ReleaseError(
            "there is no candidate with this id",
            fix="build it first; only the last candidates are kept",
            release=release_id,
            missing=f"{candidate_schema(release_id)}.release",
        )


def note_finished(session: Session, release_id: str, made_from: str) -> None:
    """Write down that every model and test of the candidate is done; call it in a transaction."""
    set_mark(session, release_id, FINISHED, made_from)


def forget_finished(session: Session, release_id: str) -> None:
    """Forget that there was a whole candidate, and what the gate said of it; call it in a transaction."""
    forget_mark(session, release_id, FINISHED)
    forget_checked(session, release_id)
    forget_checks(session, release_id, VERDICT)


def require_finished(session: Session, release_id: str) -> None:
    """Make sure that the candidate was built to its end and that nobody has begun to build it anew.

    Raises:
        ReleaseError: it was not.
    """
    if not has_mark(session, release_id, FINISHED):
        raise ReleaseError(
            "no candidate with this id was built to its end",
            fix="build it to its end first: in Airflow clear build_candidate and what follows, by hand start a new run",
            release=release_id,
        )
