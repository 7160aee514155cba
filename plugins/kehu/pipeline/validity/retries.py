"""Whether a retried step may keep what its earlier attempts have finished (``ops.steps``).

It may if nobody has built over it, and if it would be made from the same batches, the same code and the same vars. The
attempts are files, what they built is in the warehouse: the mark in the warehouse says that the two belong together.

A candidate is built in four steps: ``features``, upon them ``scores`` and ``personas``, upon all ``candidate`` (the marts).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from kehu.errors import TransformError
from kehu.files.digests import code_files, files_digest
from kehu.ops import finished
from kehu.ops.steps import forget_candidate, forget_mark, has_mark, set_mark
from kehu.ops.tables import candidate_schema
from kehu.pipeline.runs import Run
from kehu.pipeline.validity.fingerprints import features_code_digest
from kehu.pipeline.validity.inputs import StepInputs
from kehu.session import Session
from kehu.transform.runner import Step


def keep_or_start_over(session: Session, run: Run, step: Step, step_dir: Path, dbt_project: Path) -> None:
    """Forget the attempts of a step whose results are not those that the step would make now.

    The old mark goes first, with what the gate said of a candidate of old, and the new mark comes last, so that a kill in
    between means starting over once more.
    """
    made_from = step_made_from(run, step.name, step.variables, dbt_project)
    if is_marked(session, run, step.name, made_from):
        return
    start_over(session, run, step.name)
    shutil.rmtree(step_dir, ignore_errors=True)
    schema = candidate_schema(run.release_id)
    if step.name == "features":
        drop_candidate(session, schema)
    elif step.name == "candidate":
        session.execute(f'drop schema if exists "{schema}" cascade')
    mark(session, run, step.name, made_from)


def start_over(session: Session, run: Run, name: str) -> None:
    """Forget what a step was made from, and with it the candidate that stands on it and the gate's verdict upon that."""
    with session.transaction():
        unmark(session, run, name)
        if name == "state":
            # views of the features stand on it, and go with what they stand on
            unmark(session, run, "features")
        else:
            unmark(session, run, "candidate")
            finished.forget_finished(session, run.release_id)


def drop_candidate(session: Session, schema: str) -> None:
    """Drop a candidate, all that it stands on, and the marks that say that there is one; the marks first."""
    forget_candidate(session, schema)
    for name in (schema, f"{schema}_personas", f"{schema}_scores", f"{schema}_features"):
        session.execute(f'drop schema if exists "{name}" cascade')


def note_finished(session: Session, run: Run, step: Step, dbt_project: Path) -> None:
    """Write down that the candidate is whole: gate and publication take no other."""
    made_from = step_made_from(run, step.name, step.variables, dbt_project)
    with session.transaction():
        finished.note_finished(session, run.release_id, made_from)


def require_step(session: Session, run: Run, name: str, made_from: str) -> None:
    """Make sure that an earlier step has left what it would make now.

    Raises:
        TransformError: it has not run, or was made from other code, vars or batches.
    """
    if not is_marked(session, run, name, made_from):
        raise TransformError(
            f"the step {name} has not left what this step stands on",
            fix=f"run the step that makes the {name} again, then this one",
            run=run.release_id,
        )


def mark(session: Session, run: Run, name: str, made_from: str) -> None:
    """Write down what a step is made from; there is one state for all runs, and a candidate for each."""
    with session.transaction():
        set_mark(session, run.release_id, name, made_from)


def unmark(session: Session, run: Run, name: str) -> None:
    """Forget what a step was made from."""
    forget_mark(session, run.release_id, name)


def is_marked(session: Session, run: Run, name: str, made_from: str) -> bool:
    """Whether a step's mark says that it was made from this."""
    return has_mark(session, run.release_id, name, made_from)


def step_made_from(run: Run, name: str, variables: Mapping[str, object], dbt_project: Path) -> str:
    """A digest of what a dbt step of the run would be made from now.

    A candidate names the version of all code in its table ``release``, so that its marts are of that version or made anew.
    """
    code = (
        features_code_digest(dbt_project) if name == "features" else files_digest(code_files(dbt_project), dbt_project)
    )
    version = run.code_version if name == "candidate" else ""
    return StepInputs(str(run.state_fingerprint), code, variables, version).digest()
