"""A run that is retried takes the code as it is then: its record has to say so before anything is built from it."""

from __future__ import annotations

from dataclasses import replace

from kehu.pipeline import bookkeeping
from kehu.pipeline.runs import Run
from kehu.pipeline.validity import state
from kehu.pipeline.validity.fingerprints import code_version
from kehu.session import Session
from kehu.settings import Settings


def with_state_code(settings: Settings, session: Session, run: Run) -> Run:
    """The run with the code that is there now: a model corrected between two attempts is what gets built."""
    now = state.code_in_force(settings)
    if run.state_code == now:
        return run
    return _changed(settings, session, replace(run, state_code=now, code_version=code_version(settings)))


def with_version(settings: Settings, session: Session, run: Run) -> Run:
    """The run with the version that its marts are built from: it travels with them into the release."""
    now = code_version(settings)
    return run if run.code_version == now else _changed(settings, session, replace(run, code_version=now))


def _changed(settings: Settings, session: Session, run: Run) -> Run:
    bookkeeping.record_run(session, settings, run)
    run.save(settings)
    return run
