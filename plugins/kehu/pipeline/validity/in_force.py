"""A run that is retried takes the code as it is then: its record has to say so before anything is built from it."""

from __future__ import annotations

from dataclasses import replace

from kehu.pipeline import bookkeeping
from kehu.pipeline.context import RunContext
from kehu.pipeline.runs import Run
from kehu.pipeline.validity import state
from kehu.pipeline.validity.fingerprints import code_version
from kehu.session import Session


def with_state_code(context: RunContext, session: Session) -> RunContext:
    """The run with the code that is there now: a model corrected between two attempts is what gets built."""
    now = state.code_now(context)
    if context.run.state_code == now:
        return context
    return _changed(context, session, replace(context.run, state_code=now, code_version=code_version(context.settings)))


def with_version(context: RunContext, session: Session) -> RunContext:
    """The run with the version that its marts are built from: it travels with them into the release."""
    now = code_version(context.settings)
    return (
        context
        if context.run.code_version == now
        else _changed(context, session, replace(context.run, code_version=now))
    )


def _changed(context: RunContext, session: Session, run: Run) -> RunContext:
    bookkeeping.record_run(session, context.settings, run)
    run.save(context.settings)
    return replace(context, run=run)
