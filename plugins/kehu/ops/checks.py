"""``ops.check_results``: what gate and dbt's tests said of a candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kehu.session import Session

_COLUMNS = "release_id, layer, table_name, check_name, severity, status, observed, expected, reason"
OF_A_RELEASE = "select {columns} from ops.check_results where release_id = ? order by layer, table_name, check_name"
"""The checks of a release, in whatever columns are asked for."""

Check = tuple[str, str, str, str, str, str, str, str, str]


def recorded_checks(session: Session, release_id: str) -> list[Check]:
    """Release, layer, table, check, severity, status, observed, expected and reason of every check of a release."""
    return [(*row,) for row in session.rows(OF_A_RELEASE.format(columns=_COLUMNS), [release_id])]


def replace_checks(
    session: Session, release_id: str, layers: Sequence[str], results: Sequence[Mapping[str, object]]
) -> None:
    """Make ``results`` all that is written down for these layers of the release, in one transaction."""
    with session.transaction():
        forget_checks(session, release_id, layers)
        session.append("ops.check_results", results)


def forget_checks(session: Session, release_id: str, layers: Sequence[str]) -> None:
    """Forget what is written down for these layers; call it in a transaction."""
    for layer in layers:
        session.execute("delete from ops.check_results where release_id = ? and layer = ?", [release_id, layer])


def replace_tests(session: Session, release_id: str, step: str, results: Sequence[Mapping[str, object]]) -> None:
    """Make ``results`` the tests of one step of dbt; call it in a transaction."""
    session.execute(
        "delete from ops.check_results where release_id = ? and layer = 'transform' and table_name = ?",
        [release_id, step],
    )
    session.append("ops.check_results", results)
