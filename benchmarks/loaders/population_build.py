"""How long ``bureau build`` takes and how much memory: a fresh process on random source tables.

``python benchmarks/loaders/population_build.py 1000000 [--home DIR]`` prints one JSON line; tables are reused when the
home has them already.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numba
import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.loaders.source_tables import write

BUILD = """
import json, resource, sys
from pathlib import Path
from bureau.population import BuildOptions, build

def announce(stage, share):
    print(stage, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, "MiB so far", file=sys.stderr)

report = build(Path(sys.argv[1]), BuildOptions(progress=announce))
print(json.dumps({"counts": report.counts, "seconds": report.seconds, "peak_memory_bytes": report.peak_memory_bytes}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int)
    parser.add_argument("--home", type=Path, required=True)
    arguments = parser.parse_args()
    if not (arguments.home / "sources").exists():
        write(arguments.home, arguments.people)
    started = time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-c", BUILD, str(arguments.home)], check=True, stdout=subprocess.PIPE, text=True
    )
    seconds = round(time.perf_counter() - started, 1)
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__}
    report = json.loads(found.stdout) | {"people": arguments.people, "total_seconds": seconds, "seed": 7}
    print(json.dumps(report | {"cpus": os.cpu_count(), "versions": versions | {"pyarrow": pa.__version__}}))


if __name__ == "__main__":
    main()
