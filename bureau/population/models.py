"""The trained matching models of a home: ``<home>/models/people.json``, read by whoever answers from a population."""

import os
from pathlib import Path

import msgspec

from bureau.errors import BuildFailed, UnreadableInput
from bureau.matching.model import Model, load_model
from bureau.model.query import Kind

FOLDER = {Kind.PERSON: "people", Kind.COMPANY: "companies"}


def model_path(home: Path, kind: Kind) -> Path:
    """Where the trained model of one kind of entity is, if there is one."""
    return home / "models" / f"{FOLDER[kind]}.json"


def trained_models(home: Path) -> dict[Kind, Model]:
    """The models found; ``UnreadableInput`` for a file that cannot be used, for nobody should wonder which one was."""
    found = {}
    for kind in Kind:
        path = model_path(home, kind)
        if path.exists():
            found[kind] = load_model(path)
            if found[kind].kind != FOLDER[kind]:
                raise UnreadableInput(f"the matching model {path.name} is one of {found[kind].kind}")
    return found


def write_model(home: Path, kind: Kind, model: Model) -> Path:
    """Put a model in use for whoever opens a population next; the file appears whole or not at all.

    Raises BuildFailed when it cannot be written.
    """
    path = model_path(home, kind)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")
        unfinished.replace(path)
    except OSError as error:
        raise BuildFailed(f"The trained model could not be written: {error.strerror or error}.") from error
    return path
