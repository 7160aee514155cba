"""From cut points to the RFM segment."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import figure_text

_MEASURES = (("recency_days", "R", "r_score"), ("frequency", "F", "f_score"), ("monetary", "M", "m_score"))
_RFM = "select * from analytics.customer_rfm where customer_id = ?"
_CUT_POINTS = "select measure, origin, cut_point from analytics.rfm_cut_points order by measure, quantile"


def rfm_section(facts: Facts) -> list[str]:
    """Cut points → scores → cell of the grid."""
    words, rfm = facts.words, facts.row(_RFM, facts.customer_id)
    if not rfm:
        return [words("rfm_none")]
    label = rfm[f"label_{facts.language}"] or rfm["rfm_segment"]
    cut_points = facts.rows(_CUT_POINTS)
    lines = [words("rfm", label=label, segment=rfm["rfm_segment"])]
    for measure, letter, score in _MEASURES:
        cuts = [cut for name, _, cut in cut_points if name == measure]
        origin = next((origin for name, origin, _ in cut_points if name == measure), "computed")
        below = sum(cut < float(rfm[measure]) for cut in cuts)
        formula = f"5 - {below}" if letter == "R" else f"1 + {below}"
        value = figure_text(rfm[measure])
        lines += [
            "  " + words(measure, value=value, currency=facts.currency),
            "    " + words("cuts", origin=words(origin), cuts=" | ".join(figure_text(cut) for cut in cuts)),
            "    "
            + words(
                "score", below=below, count=len(cuts), value=value, letter=letter, formula=formula, score=rfm[score]
            ),
        ]
    return [*lines, "  " + words("cell", code=rfm["rfm_code"], r=rfm["r_score"], f=rfm["f_score"], label=label)]


SECTION = Section(20, rfm_section)
