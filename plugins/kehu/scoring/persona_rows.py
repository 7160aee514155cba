"""Personas as rows of the tables that the marts read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kehu.personas.finding import Persona, Personas
from kehu.personas.lineage import Trait

UNKNOWN = ("Unknown", "未知")
NO_ORDER = ("no valid order", "没有有效订单")

Scale = Mapping[str, tuple[float, float]]
"""Mean and deviation of every measure that has a value."""

Rows = list[dict[str, object]]


def persona_rows(found: Personas, measures: tuple[str, ...], scale: Scale) -> dict[str, Rows]:
    """The rows of ``persona_centres``, ``persona_names`` and ``persona_choice``."""
    centres = [row for place, one in enumerate(found.found, 1) for row in _centres(place, one, measures, scale)]
    return {"persona_centres": centres, "persona_names": _names(found), "persona_choice": _choice(found)}


def _names(found: Personas) -> Rows:
    rows: Rows = [
        {
            "persona": one.code,
            "label_en": one.label_en,
            "label_zh": one.label_zh,
            "traits_en": one.traits_en,
            "traits_zh": one.traits_zh,
            "place": place,
            "last_number": found.last_number,
        }
        for place, one in enumerate(found.found, 1)
    ]
    reason = found.reason or NO_ORDER
    unknown: dict[str, object] = {"persona": "unknown", "label_en": UNKNOWN[0], "label_zh": UNKNOWN[1]}
    unknown |= {
        "reason_en": reason[0],
        "reason_zh": reason[1],
        "place": len(rows) + 1,
        "last_number": found.last_number,
    }
    return [*rows, unknown]


def _choice(found: Personas) -> Rows:
    """Every number that was tried; one persona is what there is where nobody can be told apart."""
    rows: Rows = [{"persona_count": 1, "silhouette": None, "smallest_share": 1.0, "is_chosen": not found.found}]
    for one in found.trials:
        rows.append(
            {
                "persona_count": one.count,
                "silhouette": one.silhouette,
                "smallest_share": one.smallest_share,
                "is_chosen": one.is_chosen,
            }
        )
    return rows


def _centres(place: int, one: Persona, measures: tuple[str, ...], scale: Scale) -> Iterator[dict[str, object]]:
    for index, measure in enumerate(measures):
        mean, deviation = scale.get(measure, (0.0, 0.0))
        centre = float(one.centre[index])
        yield {
            "persona": one.code,
            "measure": measure,
            "place": place,
            "trait_rank": _rank(measure, one.traits),
            "label_rank": _rank(measure, one.label),
            "centre": centre,
            "level": mean + centre * deviation,
        }


def _rank(measure: str, traits: tuple[Trait, ...]) -> int | None:
    return next((rank for rank, (name, _) in enumerate(traits, 1) if name == measure), None)
