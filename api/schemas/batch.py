"""The body that ``/v1/enrich/batch`` answers with, and the parts of its schema that msgspec cannot see."""

from typing import Any

import msgspec

from api.errors import Problem
from bureau.model.answer import Answer


class BatchAnswer(msgspec.Struct, frozen=True):
    """One answer or one problem a record, in the order of the records."""

    results: list[Answer | Problem]


def batch_answer_schema(reference: str) -> dict[str, Any]:
    """Results are told apart by ``charge`` (an answer) or ``code`` (a problem)."""
    either = [{"$ref": reference.format(name=name)} for name in ("Answer", "Problem")]
    return {
        "title": "BatchAnswer",
        "description": "One answer or one problem a record, in the order of the records.",
        "type": "object",
        "properties": {"results": {"type": "array", "items": {"anyOf": either}}},
        "required": ["results"],
    }
