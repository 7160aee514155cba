"""A run: one attempt at a release, with its parameters and inputs on disk so that any step can be retried alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from kehu.errors import ReleaseError, nearest
from kehu.files.durable import write_durably
from kehu.files.private import close_home
from kehu.pipeline.validity.fingerprints import batches_digest, code_version
from kehu.release.ids import parse_release_id, release_id
from kehu.settings import Settings


@dataclass(frozen=True)
class Run:
    """The record of a run.

    Attributes:
        batches: the landed batches that it is built from, once they are loaded.
        withdrawn: the batches that were taken back: their rows are kept, and count for nothing.
        batches_digest: the digest of their ids; None until they are loaded.
        state_code: the digest of the code and vars of the state that is built from them.
    """

    release_id: str
    as_of: date
    built_at: datetime
    code_version: str
    batches: tuple[dict[str, str], ...] = field(default=())
    withdrawn: tuple[dict[str, str], ...] = field(default=())
    batches_digest: str | None = None
    state_code: str | None = None

    @property
    def state_fingerprint(self) -> str | None:
        """What ``ops.state`` says of the state that this run asks for; None until its batches are loaded."""
        return None if self.batches_digest is None else f"{self.batches_digest}-{self.state_code}"

    @property
    def standing(self) -> dict[str, bool]:
        """Whether each batch is withdrawn, by its id."""
        found = [(batch, False) for batch in self.batches] + [(batch, True) for batch in self.withdrawn]
        return {batch["batch_id"]: is_withdrawn for batch, is_withdrawn in found}

    def folder(self, settings: Settings) -> Path:
        """Where the run keeps its artifacts."""
        return settings.runs_dir / self.release_id

    def save(self, settings: Settings) -> None:
        """Write the record durably."""
        values = asdict(self) | {"as_of": self.as_of.isoformat(), "built_at": self.built_at.isoformat()}
        write_durably(self.folder(settings) / "run.json", json.dumps(values, indent=1))

    def with_inputs(
        self, batches: tuple[dict[str, str], ...], state_code: str, withdrawn: tuple[dict[str, str], ...] = ()
    ) -> Run:
        """The run with what it is built from."""
        loaded = replace(self, batches=batches, withdrawn=withdrawn, state_code=state_code)
        names = (f"{name} withdrawn" if is_withdrawn else name for name, is_withdrawn in loaded.standing.items())
        return replace(loaded, batches_digest=batches_digest(names))


def start_run(settings: Settings, as_of: date, started_at: datetime) -> str:
    """Register a run and return its release id; the same arguments give the same run again, so a retry keeps its id."""
    name = release_id(as_of, started_at)
    close_home(settings)
    if not (settings.runs_dir / name / "run.json").exists():
        Run(name, as_of, started_at.replace(microsecond=0), code_version(settings)).save(settings)
    return name


def load_run(settings: Settings, name: str) -> Run:
    """Read a run's record.

    Raises:
        UsageError: the id is not one.
        ReleaseError: no run has that id; names the nearest.
    """
    parse_release_id(name)
    try:
        values = json.loads((settings.runs_dir / name / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReleaseError(
            "no run has this id", fix="start one with `kehu build`", run=name, nearest=nearest(name, run_ids(settings))
        ) from None
    values["as_of"] = date.fromisoformat(values["as_of"])
    values["built_at"] = datetime.fromisoformat(values["built_at"])
    values["batches"] = tuple(values["batches"])
    values["withdrawn"] = tuple(values.get("withdrawn", ()))
    if earlier := values.pop("state_fingerprint", None):  # as the version before wrote it
        values["batches_digest"], values["state_code"] = earlier.split("-", 1)
    return Run(**values)


def run_ids(settings: Settings) -> list[str]:
    """The ids of all runs on disk, by the start of the run."""
    found = [file.parent.name for file in settings.runs_dir.glob("r*/run.json")]
    return sorted(found, key=lambda name: name.rsplit("_", 1)[-1])


def latest_run(settings: Settings) -> str:
    """The run that was started last.

    Raises:
        ReleaseError: there is none.
    """
    found = run_ids(settings)
    if not found:
        raise ReleaseError("there is no run yet", fix="start one with `kehu build --as-of YYYY-MM-DD`")
    return found[-1]
