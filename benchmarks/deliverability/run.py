"""Run every question in a fresh process; print the figures and keep them with machine, versions and commit."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
QUESTIONS = ("syntax", "phones", "ranking", "domains", "probes", "memory")
NOT_INSTALLED = 3  # exit status of a question whose server is missing here
PACKAGES = ("aiodns", "pycares", "email-validator", "phonenumbers", "numba", "numpy", "pyarrow", "uvloop")


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, text=True).strip()
    figures: dict[str, list[object]] = {}
    for question in QUESTIONS:
        environment = {**os.environ, "PYTHONPATH": f"{HERE.parents[1]}:{HERE}"}
        run = subprocess.run(
            [sys.executable, str(HERE / f"{question}.py")],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if run.returncode == NOT_INSTALLED:
            print(f"{question}: left out", flush=True)
            continue
        run.check_returncode()
        print(run.stdout, end="", flush=True)
        figures[question] = [json.loads(line) for line in run.stdout.splitlines()]
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "machine": {"processor": processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        "load_average": os.getloadavg(),
        "versions": {package: version(package) for package in PACKAGES},
        "figures": figures,
    }
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{commit}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
