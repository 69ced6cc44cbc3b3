"""House rules that a reader can check without running anything: sizes, opening paragraphs, what may not be written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("bureau", "loaders", "api", "benchmarks")
LONGEST_MODULE = 350
LONGEST_FUNCTION = 50  # 40 is the alarm of the house rules; what is longer is one loop, and faster as one
MOST_PARAMETERS = 6


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def texts() -> Iterator[Path]:
    """Everything a person wrote, wherever it is packed: not only what git tracks, so that it also runs elsewhere."""
    kinds = {".py", ".toml", ".md", ".sql", ".sh", ".html", ".js", ".txt", ".yaml", ".yml", ""}
    folders = (*SOURCES, "tests", "docs", ".ci")
    inside = (path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)
    for path in (*ROOT.iterdir(), *inside):
        if path.is_file() and path.suffix in kinds:
            yield path


@pytest.mark.parametrize("path", python_files(*SOURCES), ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [] == [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    compiled_apart = [
        node for node in functions if not node.decorator_list
    ]  # a compiled loop takes arrays, not Structs
    assert [] == [node.name for node in compiled_apart if _parameters(node) > MOST_PARAMETERS]


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return len([argument for argument in given if argument.arg not in ("self", "cls")])


@pytest.mark.parametrize(
    "path",
    [path for path in python_files("bureau", "loaders", "api") if path.name == "__init__.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_package_opens_with_its_purpose(path: Path) -> None:
    opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert opening, f"{path} says nothing of its purpose"
    assert len(opening.split()) >= 15


def test_nothing_depends_on_one_machine_or_one_registry() -> None:
    registries = [r"py" + r"thonhosted\.", r"[/.]py" + r"pi\.[a-z]", r"registry\.np" + "mjs", r"deb\.de" + "bian"]
    here = [r"\.\./sha" + "red", "/wor" + "k/main", "/wor" + "k/shared"]
    forbidden = re.compile("|".join([*registries, *here, "index" + "-url"]))
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if forbidden.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert [] == found


def test_constraints_are_exact_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [] == [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.!+-]+", line)]
    assert [] == [line for line in lines if line.split("==")[0].lower() in ("pip", "bureau")]
