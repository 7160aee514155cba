"""What segments say: against a computation in pandas, and against planted truth with non-response as in life, over 40 shops."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.rendered_models import rendered

AS_OF = "2025-06-30"
SEEDS = 40
SEGMENTS = ("loyal", "new", "lost", "rare")
RESPONSE, FREQUENT_MORE, LEAVING_LESS, UNHAPPY_LESS = 0.30, 1.6, 0.4, 0.8
"""The factors of the demo shop: who buys often answers more, who leaves or is unhappy less."""
POINTS = {"promoter": 100, "passive": 0, "detractor": -100}
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Survey:
    """The tables that the models read, what they make of them, and the score of everybody who was asked."""

    tables: Tables
    cells: pd.DataFrame
    truth: pd.DataFrame


def asked_shop(seed: int, people: int = 4000) -> Tables:
    """One shop's people, half of whom were asked; a shop is a segment of segmentation ``shop``, and of its own in ``part``."""
    random = np.random.default_rng(seed)
    ids = np.array([f"s{seed}:{number}" for number in range(people)])
    tier = random.choice(["high", "medium", "low"], people, p=[0.2, 0.3, 0.5])
    is_leaving = random.random(people) < 0.2
    segment = random.choice(SEGMENTS, people, p=[0.4, 0.3, 0.28, 0.02])
    mood = random.normal(7.8, 1.3, people) + 0.6 * (tier == "high") - 3.5 * is_leaving - 0.5 * (segment == "new")
    score = np.clip(np.round(mood), 0, 10).astype(int)
    chance = RESPONSE * np.where(tier == "high", FREQUENT_MORE, 1) * np.where(is_leaving, LEAVING_LESS, 1)
    answers = random.random(people) < chance * np.where(score <= 6, UNHAPPY_LESS, 1)
    frame = pd.DataFrame(
        {"customer_id": ids, "tier": tier, "is_leaving": is_leaving, "score": score, "answers": answers}
    )
    frame["segment"] = [f"{name} of {seed}" for name in segment]
    frame["is_asked"] = random.random(people) < 0.5
    return {"people": frame.assign(shop=str(seed))}


def group_of(score: pd.Series) -> pd.Series:
    return pd.Series(np.select([score >= 9, score >= 7], ["promoter", "passive"], "detractor"), score.index)


def tables_of(people: pd.DataFrame) -> Tables:
    said = people[people["is_asked"] & people["answers"]].reset_index(drop=True)
    day = pd.Timestamp("2025-05-10") + pd.to_timedelta(np.arange(len(said)) % 40, unit="D")
    answers = pd.DataFrame({
        "response_id": "a" + said["customer_id"],
        "customer_id": said["customer_id"].where(said.index % 25 > 0),
        "survey_type": "nps",
        "answer_group": group_of(said["score"]),
        "score": said["score"],
        "answer_date": day,
        "is_latest_in_month": True,
        "is_latest_in_window": True,
    })  # fmt: skip
    asked = people[people["is_asked"]]
    invitations = pd.DataFrame({
        "person": asked["customer_id"],
        "customer_id": asked["customer_id"],
        "survey_type": "nps",
        "is_bounced": np.arange(len(asked)) % 50 == 49,
        "has_answered": asked["answers"],
        "sent_date": pd.Timestamp("2025-05-09"),
    })  # fmt: skip
    segments = [
        people.assign(segmentation="shop", segment=people["shop"])[["customer_id", "segmentation", "segment"]],
        people.assign(segmentation="part")[["customer_id", "segmentation", "segment"]],
    ]
    stages = pd.DataFrame({
        "customer_id": people["customer_id"],
        "value_tier": people["tier"],
        "lifecycle_meaning": np.where(people["is_leaving"], "at_risk", "active"),
        "first_purchase_date": pd.Timestamp("2024-01-01"),
    })  # fmt: skip
    return {
        "feat_survey_answers": answers,
        "feat_survey_invitations": invitations,
        "customer_segments": pd.concat(segments, ignore_index=True),
        "feat_customer_stages": stages,
    }


def run(tables: Tables) -> pd.DataFrame:
    with duckdb.connect() as connection:
        for name, frame in tables.items():
            connection.register(f"frame_{name}", frame)
            connection.execute(f"create table {name} as select * from frame_{name}")
        for name in ("answer_date", "sent_date", "first_purchase_date"):
            table = next(table for table, frame in tables.items() if name in frame)
            connection.execute(f"alter table {table} alter {name} type date")
        for model in ("feat_satisfaction_strata", "satisfaction_by_segment"):
            connection.execute(f"create table {model} as {rendered(model, AS_OF)}")
        return connection.execute("select * from satisfaction_by_segment").df()


@pytest.fixture(scope="module")
def survey() -> Survey:
    people = pd.concat([asked_shop(seed)["people"] for seed in range(SEEDS)], ignore_index=True)
    tables = tables_of(people)
    return Survey(tables, run(tables), people[people["is_asked"]])


def true_nps(people: pd.DataFrame, by: str) -> pd.Series:
    return group_of(people["score"]).map(POINTS).groupby(people[by]).mean()


def at_d(survey: Survey, segmentation: str) -> pd.DataFrame:
    cells = survey.cells
    return cells[(cells["segmentation"] == segmentation) & (cells["period"] == "all")].set_index("segment")


def expected_rows(tables: Tables) -> pd.DataFrame:
    """Every cell by pandas: plain loops over groups, nothing shared with the SQL."""
    answers, segments = tables["feat_survey_answers"], tables["customer_segments"]
    known = answers.merge(segments, on="customer_id")
    unknown = answers[answers["customer_id"].isna()].drop(columns="customer_id")
    parts = [answers.assign(segmentation="all", segment="all"), known]
    parts += [unknown.assign(segmentation=name, segment="unknown") for name in segments["segmentation"].unique()]
    placed = pd.concat(parts, ignore_index=True)
    rows = []
    for period in ("all", *sorted(set(placed["answer_date"].dt.strftime("%Y-%m")))):
        inside = placed if period == "all" else placed[placed["answer_date"].dt.strftime("%Y-%m") == period]
        for (segmentation, segment), cell in inside.groupby(["segmentation", "segment"]):
            n, points = len(cell), cell["answer_group"].map(POINTS)
            p, d = ((cell["answer_group"] == group).sum() + 1 for group in ("promoter", "detractor"))
            centre, m = (p - d) / (n + 3), n + 3
            half = stats.norm.ppf(0.975) * sqrt((p / m + d / m - centre**2) / m)
            figure = points.mean()
            rows.append((segmentation, segment, period, n, figure, 100 * (centre - half), 100 * (centre + half)))
    return pd.DataFrame(rows, columns=["segmentation", "segment", "period", "answers", "figure", "low", "high"])


def test_every_cell_is_what_pandas_computes(survey: Survey) -> None:
    expected = expected_rows(survey.tables)
    key = ["segmentation", "segment", "period"]
    both = survey.cells[survey.cells["answers"] > 0].merge(expected, on=key, how="outer", suffixes=("", "_expected"))
    assert (both["answers"] == both["answers_expected"]).all()
    small = both["answers"] < 10
    assert 20 < small.sum() < len(both) / 2
    assert both.loc[small, "is_hidden"].all()
    assert both.loc[small, ["figure", "figure_low", "figure_high", "weighted_figure"]].isna().all(axis=None)
    hidden_for_company = both[~small & both["is_hidden"].astype(bool)].groupby(["segmentation", "period"]).size()
    assert (hidden_for_company == 1).all()
    shown = both[~both["is_hidden"].astype(bool)]
    np.testing.assert_allclose(shown["figure"], shown["figure_expected"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(shown["figure_low"], np.maximum(shown["low"], -100), rtol=0, atol=1e-9)
    np.testing.assert_allclose(shown["figure_high"], np.minimum(shown["high"], 100), rtol=0, atol=1e-9)


def test_groups_and_segments_sum_to_all_answers(survey: Survey) -> None:
    cells = survey.cells
    assert (cells["promoters"] + cells["passives"] + cells["detractors"] == cells["answers"]).all()
    sums = cells.groupby(["period", "segmentation"])["answers"].sum().unstack()
    assert (sums["shop"] == sums["all"]).all()
    assert (sums["part"] == sums["all"]).all()
    assert sums.loc["all", "all"] == len(survey.tables["feat_survey_answers"])
    assert cells["anonymous_answers"].max() == survey.tables["feat_survey_answers"]["customer_id"].isna().sum()


def test_the_response_rate_is_of_those_whom_the_invitation_reached(survey: Survey) -> None:
    asked = survey.tables["feat_survey_invitations"]
    reached = asked[~asked["is_bounced"]]
    (whole,) = at_d(survey, "all").to_dict("records")
    assert whole["invited"] == len(reached)
    assert whole["response_rate"] == pytest.approx(reached["has_answered"].mean())


def test_without_non_response_the_truth_is_in_the_interval_as_often_as_it_says() -> None:
    """Of 40 intervals of 95 %, 36 or more hold the truth in 95 of 100 draws of 40; fewer than 34 in one of 290."""
    people = pd.concat([asked_shop(seed)["people"] for seed in range(100, 100 + SEEDS)], ignore_index=True)
    people["answers"] = np.random.default_rng(9).random(len(people)) < RESPONSE
    cells = run(tables_of(people))
    truth = true_nps(people[people["is_asked"]], "shop")
    shops = cells[(cells["segmentation"] == "shop") & (cells["period"] == "all")].set_index("segment").loc[truth.index]
    assert stats.binom.cdf(35, SEEDS, 0.95) == pytest.approx(0.05, abs=0.01)
    inside = (shops["figure_low"].le(truth) & truth.le(shops["figure_high"])).sum()
    assert inside >= 36


def test_weighting_brings_the_figure_nearer_to_the_truth_where_answering_goes_by_value_and_risk(survey: Survey) -> None:
    truth = true_nps(survey.truth, "shop")
    shops = at_d(survey, "shop").loc[truth.index]
    plain, weighted = (shops["figure"] - truth).abs(), (shops["weighted_figure"] - truth).abs()
    assert (weighted < plain).sum() >= 36
    assert weighted.mean() < plain.mean() / 2
    assert (~shops["is_representative"].astype(bool)).sum() >= 30
    half = (shops["figure_high"] - shops["figure_low"]) / 2
    assert (weighted <= half).sum() >= 30


def test_students_point_is_that_of_the_distribution() -> None:
    counts = np.concatenate([np.arange(10, 60), [100, 1000, 100_000]])
    random = np.random.default_rng(5)
    rows = []
    for number, count in enumerate(counts):
        scores = random.integers(1, 8, count)
        rows.append((f"{number}", scores.sum(), (scores**2).sum(), count, scores.mean(), scores.std(ddof=1)))
    frame = pd.DataFrame(rows, columns=["segment", "points", "squares", "answers", "mean", "deviation"])
    strata = frame[["segment", "points", "squares", "answers"]].assign(
        segmentation="rfm", survey_type="ces2", period="all", stratum=None, customers=0, anonymous_answers=0, promoters=0,
        passives=0, detractors=0, positives=0, invited=0, responded=0,
    )  # fmt: skip
    with duckdb.connect() as connection:
        connection.register("frame", strata)
        connection.execute(
            "create table feat_satisfaction_strata as select * replace (stratum::varchar as stratum) from frame"
        )
        cells = connection.execute(rendered("satisfaction_by_segment", AS_OF)).df().set_index("segment")
    half = stats.t.ppf(0.975, frame["answers"] - 1) * frame["deviation"] / np.sqrt(frame["answers"])
    found = cells.loc[frame["segment"]]
    np.testing.assert_allclose(found["figure_low"], frame["mean"] - half, rtol=0, atol=2e-4)
    np.testing.assert_allclose(found["figure_high"], frame["mean"] + half, rtol=0, atol=2e-4)
