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
usage = resource.getrusage(resource.RUSAGE_SELF)
found = {"counts": report.counts, "seconds": report.seconds, "peak_memory_bytes": report.peak_memory_bytes}
print(json.dumps(found | {"cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1)}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int)
    parser.add_argument("--home", type=Path, required=True)
    arguments = parser.parse_args()
    if not (arguments.home / "sources").exists():
        write(arguments.home, arguments.people)
    load, started = os.getloadavg()[0], time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-c", BUILD, str(arguments.home)], check=True, stdout=subprocess.PIPE, text=True
    )
    seconds = round(time.perf_counter() - started, 1)
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__}
    machine = {
        "cpus": os.cpu_count(),
        "load_before": round(load, 1),
        "versions": versions | {"pyarrow": pa.__version__},
    }
    report = {"people": arguments.people, "seed": 7, "total_seconds": seconds} | json.loads(found.stdout) | machine
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
