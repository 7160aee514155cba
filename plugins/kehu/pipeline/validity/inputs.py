"""What a step is made from, as one short digest: equal digests are the one reason to keep what an earlier attempt has made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StepInputs:
    """Everything that could make a step's result another one.

    Attributes:
        upstream: the digest of what the step reads: the batches of the state, the features of the scores, ...
        code: the digest of the code that computes it.
        variables: what the code is called with; frozen parameters and earlier results count among them.
        version: the version that the result names itself after; empty where it names none.
    """

    upstream: str
    code: str
    variables: Mapping[str, object] = field(default_factory=dict)
    version: str = ""

    def digest(self) -> str:
        """16 hexadecimal digits; another input gives others."""
        whole = [self.upstream, self.code, dict(self.variables), self.version]
        return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()[:16]
