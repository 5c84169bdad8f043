"""What live pages need, ready to be forked: imported by the parent of the kernels and nobody else.

The first client, frame, table and chart of a process bring more modules along. Made here, they are
there for every kernel, and all kernels share the memory.
"""

from __future__ import annotations

import pandas as pd

from lawlab.client.api import PERSON_COLUMNS, Api
from lawlab.ui import leaderboard
from lawlab.ui.chart import bars

_BOARD = pd.DataFrame(
    [[1, "甲", "乙", 1.0, 1.0, 0.0, 0.0, 0.0]], columns=[*PERSON_COLUMNS.values()]
)

Api("http://127.0.0.1", {}).close()
leaderboard.table("staff", _BOARD, "甲")
bars(["甲"], [1.0], title="甲")
