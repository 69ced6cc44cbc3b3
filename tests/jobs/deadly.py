"""An answering that kills its process; in a module of its own, so that another process can import it."""

import os
import signal
from typing import Any

import pyarrow as pa

from bureau.enrich.columns import FLAT
from bureau.enrich.results import Answers


def answer(*given: Any) -> Answers:
    names = given[4]["name"].to_pylist()
    if "DEADLY" in names:
        os.kill(os.getpid(), signal.SIGKILL)
    return Answers(pa.Table.from_pylist([{"bureau_status": "not_found", "bureau_charge": 0}] * len(names), FLAT), [])
