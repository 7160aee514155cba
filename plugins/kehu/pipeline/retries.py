"""Whether a retried step may keep what its earlier attempts have finished (``ops.steps``).

It may if nobody has built over it, and if it would be made from the same batches, the same code and the same vars. The
attempts are files, what they built is in the warehouse: the mark in the warehouse says that the two belong together.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from kehu.pipeline.fingerprints import code_files, files_digest
from kehu.pipeline.runs import Run
from kehu.transform.runner import Step
from kehu.warehouse.bookkeeping import candidate_schema
from kehu.warehouse.protocol import Session


def keep_or_start_over(session: Session, run: Run, step: Step, step_dir: Path, dbt_project: Path) -> None:
    """Forget the attempts of a step whose results are not those that the step would make now.

    The attempts go first and the mark comes last, so that a kill in between means starting over once more.
    """
    made_from = _made_from(run, step, dbt_project)
    mark = [run.release_id, step.name, made_from]
    if session.rows("select 1 from ops.steps where release_id = ? and step = ? and made_from = ?", mark):
        return
    shutil.rmtree(step_dir, ignore_errors=True)
    if step.name == "candidate":
        drop_candidate(session, candidate_schema(run.release_id))
    with session.transaction():
        # there is one state for all runs, and a candidate for each
        session.execute(
            "delete from ops.steps where step = ? and (step = 'state' or release_id = ?)", [step.name, run.release_id]
        )
        session.append("ops.steps", [dict(zip(("release_id", "step", "made_from"), mark, strict=True))])


def drop_candidate(session: Session, schema: str) -> None:
    """Drop a candidate and the mark that says that there is one; the mark first."""
    session.execute("delete from ops.steps where step = 'candidate' and 'candidate_' || release_id = ?", [schema])
    session.execute(f'drop schema if exists "{schema}" cascade')
    session.execute(f'drop schema if exists "{schema}_features" cascade')


def _made_from(run: Run, step: Step, dbt_project: Path) -> str:
    shown = json.dumps(dict(step.variables), sort_keys=True, default=str)
    identity = f"{run.state_fingerprint} {files_digest(code_files(dbt_project), dbt_project)} {shown}"
    return hashlib.sha256(identity.encode()).hexdigest()[:16]
