"""Arrow types of our answer Structs, derived from their annotations so that Parquet and JSON cannot drift apart."""

from typing import Any

import pyarrow as pa
from msgspec import inspect


def arrow_type(annotation: Any) -> pa.DataType:
    """The Arrow type of a Struct or of any annotation found in one; field names are those of the JSON."""
    return _arrow(inspect.type_info(annotation))


def _arrow(kind: inspect.Type) -> pa.DataType:
    match kind:
        case inspect.StructType():
            return pa.struct([pa.field(field.encode_name, _arrow(field.type)) for field in kind.fields])
        case inspect.ListType():
            return pa.list_(_arrow(kind.item_type))
        case inspect.UnionType():
            (present,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
            return _arrow(present)
        case _:
            return _PLAIN[type(kind)]


_PLAIN = {
    inspect.StrType: pa.string(),
    inspect.EnumType: pa.string(),
    inspect.BoolType: pa.bool_(),
    inspect.IntType: pa.int64(),
    inspect.FloatType: pa.float64(),
    inspect.DateType: pa.date32(),
    inspect.DateTimeType: pa.timestamp("us", tz="UTC"),
}
