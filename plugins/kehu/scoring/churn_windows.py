"""The samples of a release's features that churn risk is learned from. No customer is named here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from kehu.risk.window import Window
from kehu.session import Session, one_value

_BANDS = ("frequency_band", "overdue_band")
_OTHER = frozenset({"observed_on", "customer_id", "purpose", "days_of_silence", "has_left", *_BANDS})
# drawn by the digest of the id: as good as random, and the same customers whatever else changes
_SAMPLE = """
    select {columns}
    from {features}.feat_churn_inputs
    where purpose = 'scoring' and observed_on = ?
    order by md5(customer_id), customer_id
    limit {limit}
"""


class ChurnWindows:
    """Reads the features of one release.

    Args:
        session: an open session of the working warehouse.
        features: the schema of the features.
        as_of: the day D.
        horizon_days: the length of a window.
        sample: at most so many customers of a day are read.
    """

    def __init__(self, session: Session, features: str, as_of: date, horizon_days: int, sample: int) -> None:
        self._session, self._features, self._as_of = session, features, as_of
        self._horizon, self._sample = horizon_days, sample
        shown = session.arrow(f"select * from {features}.feat_churn_inputs where 1 = 0")
        self.names = tuple(name for name in shown.column_names if name not in _OTHER)

    def read(self, ago: int) -> Window:
        """The sample of the day so many horizons before D, whose outcome is known."""
        columns = [f"cast({name} as double precision) as {name}" for name in self.names]
        columns += [*_BANDS, "case when has_left then 1 else 0 end as has_left"]
        sql = _SAMPLE.format(columns=", ".join(columns), features=self._features, limit=self._sample)
        found = self._session.arrow(sql, [self._as_of - timedelta(days=ago * self._horizon)])
        inputs = [_floats(found, name) for name in self.names]
        frequency, overdue = (_floats(found, name).astype(np.int64) for name in _BANDS)
        return Window(
            names=self.names,
            inputs=np.column_stack(inputs) if inputs else np.empty((found.num_rows, 0)),
            frequency_band=frequency,
            overdue_band=overdue,
            left=_floats(found, "has_left"),
        )

    def customers(self) -> int:
        """How many customers there are to score at D."""
        sql = f"select count(*) from {self._features}.feat_churn_features where purpose = 'scoring' and observed_on = ?"
        return int(one_value(self._session, sql, [self._as_of]))

    def history_days(self) -> int:
        """Days from the first purchase of anybody to D."""
        found = one_value(self._session, f"select history_days from {self._features}.feat_purchase_window")
        return int(found or 0)


def _floats(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)
