"""Named errors: each carries the evidence, what was expected, and what to do next.

Messages never hold values of personal columns. Names of files, columns, tables and checks are not personal data.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, valid: Iterable[str], count: int = 3) -> list[str]:
    """The valid names closest in spelling to ``name``, best first; an empty list where none comes close."""
    return get_close_matches(name, sorted(valid), n=count, cutoff=0.5)


class KehuError(Exception):
    """Base of all errors that Kehu raises on purpose.

    Args:
        problem: one sentence saying what is wrong.
        fix: one sentence saying what to do next.
        facts: the evidence (file, entity, column, nearest …), shown as ``name=value``.

    ``exit_code`` is the exit status of the command line: 1 error, 2 wrong usage, 3 candidate rejected.
    """

    exit_code = 1

    def __init__(self, problem: str, *, fix: str = "", **facts: object) -> None:
        self.problem = problem
        self.fix = fix
        self.facts = facts
        super().__init__(str(self))

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.facts.items() if value not in (None, [], ""))
        text = f"{type(self).__name__}: {self.problem}"
        if shown:
            text += f" ({shown})"
        if self.fix:
            text += f". To fix: {self.fix}"
        return text


class UsageError(KehuError):
    """A parameter of a command or of a DAG run is not valid."""

    exit_code = 2


class ConfigurationError(KehuError):
    """``sources.yml``, a setting or an environment variable is wrong."""


class SourceFileMissing(ConfigurationError):
    """No file is where ``sources.yml`` says that one is."""


class MappedColumnMissing(ConfigurationError):
    """``sources.yml`` maps a column that the file or table does not have."""


class BadExpression(ConfigurationError):
    """An ``expr``, ``where`` or ``query`` is not one valid, repeatable piece of SQL."""


class SourceUnreadable(KehuError):
    """A source's file or table is there, but it cannot be read as what it claims to be."""


class SourceTableMissing(ConfigurationError):
    """A source's database has no table of the name that ``sources.yml`` gives."""


class SourceUnreachable(KehuError):
    """A source's database does not answer, does not let us in, or is lost while it is read."""


class SourceRefused(KehuError):
    """A source's database does not allow what is asked: a right is missing, or a query would write."""


class SourceTimeout(KehuError):
    """A source's database has cancelled a statement, or a lock was not given in time."""


class SourceTypeUnsupported(KehuError):
    """A column of a source has a type for which there is no text."""


class CursorUnusable(ConfigurationError):
    """A cursor cannot tell which rows are new: its type or some of its values do not fit."""


class SourceStale(KehuError):
    """A source has landed nothing new for longer than its ``freshness_hours`` allows."""


class LandingError(KehuError):
    """A batch could not be landed, or the landing zone does not hold what its ledger says."""


class ErasureKeyError(ConfigurationError):
    """``KEHU_ERASURE_KEY`` is missing, too short, or not the one that the erasure ledger was written with."""


class ErasureError(KehuError):
    """The erasure ledger is damaged, or an erased value was found somewhere."""


class WarehouseBusy(KehuError):
    """Another run holds the warehouse and did not release it in time."""


class WarehouseDamaged(KehuError):
    """The working file of the warehouse cannot be read; releases are files of their own and stay as they are."""


class WarehouseUnreachable(KehuError):
    """The warehouse's server does not answer or does not let Kehu in."""


class DiskFull(KehuError):
    """The disk that holds ``KEHU_HOME`` is full, or dbt says that the one of its warehouse is."""


class WarehouseFull(KehuError):
    """The disk of the warehouse's server is full."""


class FileSystemError(KehuError):
    """The operating system refused what was asked of it, most often of a file or a folder."""

    @classmethod
    def of(cls, error: OSError) -> KehuError:
        """The error under a name of Kehu's: the path, the system's words for it, and what to do."""
        path = error.filename2 or error.filename
        facts = {"path": str(path) if path else None}
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DiskFull(
                "the disk is full", fix="make room as docs/runbooks/disk_full.md says, then run again", **facts
            )
        if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
            fix = "there is a file where a folder must be, or the reverse: move it, or correct what names it"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            fix = "let this user write there, or correct what names it (a setting, an option)"
        else:
            fix = "look whether the path and what it is on are in order, then run again"
        return cls(f"the operating system says: {error.strerror or type(error).__name__}", fix=fix, **facts)


class TransformError(KehuError):
    """dbt failed for a technical reason: SQL, I/O, a crash."""


class PlanError(KehuError):
    """A plan has nothing to compare with, or what the release was built from is not there any more."""


class ReleaseError(KehuError):
    """A release cannot be published, found or rolled back to."""


class ClockSkew(ReleaseError):
    """This machine's clock is behind that of the machine which published last."""


class ReportError(KehuError):
    """The report of a release cannot be drawn."""


class CandidateRejected(KehuError):
    """A dbt invariant, an expectation or the drift check rejected the candidate; BI keeps the last release."""

    exit_code = 3
