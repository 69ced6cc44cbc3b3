"""Machine-code compilation of the few loops that run per candidate or per row (Numba).

Every compiled function is plain Python too (``function.py_func``), so tests can run it uncompiled. Compiled code is
kept on disk under ``__pycache__``, or under ``NUMBA_CACHE_DIR`` where the installation is read-only (the Docker image).
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Protocol, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import extending, types
from numba.core import cgutils
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher
from numba.np import arrayobj
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])
Arrays = TypeVar("Arrays")


def compiled(function: Function) -> Function:
    """Compile ``function`` on first call, without the interpreter lock, cached on disk between processes."""
    # Numba recompiles a function when its own file changes, but not when a function or constant that it uses from
    # another file does (seen: a level's number changed, its users kept the old one). So code is kept by what it is,
    # which is known at the first call: what stands below a function in its file does not exist when it is decorated.
    dispatcher = cast(CPUDispatcher, numba.njit(nogil=True, error_model="numpy")(function))

    def compile_first(signature: Any) -> Any:
        with global_compiler_lock:  # the directory is one setting for all functions
            if vars(dispatcher).pop("compile", None):
                setattr(numba.config, "CACHE_DIR", str(_cache_base() / _fingerprint(function)))  # noqa: B010  untyped
                dispatcher.enable_caching()
        return dispatcher.compile(signature)

    vars(dispatcher)["compile"] = compile_first
    return cast(Function, dispatcher)


def inlined(function: Function) -> Function:
    """As :func:`compiled`, for the pieces of a loop: not cached, because they are part of who calls them."""
    return cast(Function, numba.njit(nogil=True, error_model="numpy", forceinline=True)(function))


@inlined
def signed(value: Any) -> int:
    """A signed 64-bit integer. Numba keeps ``int(unsigned)`` unsigned, and unsigned minus signed is a float to it."""
    return np.int64(value)  # type: ignore[return-value]  # an int to Python, an int64 to Numba


@inlined
def real(value: Any) -> float:
    """A double-precision number."""
    return np.float64(value)


def _borrow(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        view: Any = cast(Any, cgutils).create_struct_proxy(kind)(context, builder, value=value)
        view.meminfo = view.meminfo.type(None)
        view.parent = view.parent.type(None)
        return view._getvalue()
    if isinstance(kind, types.BaseTuple):
        for i, member in enumerate(cast(Any, kind)):
            value = builder.insert_value(value, _borrow(context, builder, member, builder.extract_value(value, i)), i)
    return value


@extending.intrinsic
def _borrowed(_typing: Any, arrays: Any) -> Any:
    return arrays(arrays), lambda context, builder, sign, given: _borrow(context, builder, sign.args[0], given[0])


class _Borrowed(Protocol):
    def __call__(self, arrays: Arrays, /) -> Arrays: ...


borrowed = cast(_Borrowed, _borrowed)
"""The same (named tuple of) arrays without ownership, inside compiled code. Reading an array out of a tuple counts a
reference, atomically; in the loop over candidates that was 57 % of the time. Whoever borrows keeps the owner alive:
pass it to :func:`outlives` after the last use."""


def _fetch_code(context: Any, builder: Any, sign: Any, given: Any) -> Any:
    kind, _ = sign.args
    array: Any = cast(Any, arrayobj).make_array(kind)(context, builder, given[0])
    place = cast(Any, cgutils).get_item_pointer(
        context, builder, kind, array, [given[1]] + [context.get_constant(types.intp, 0)] * (kind.ndim - 1)
    )
    number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
    code: Any = cast(Any, cgutils).get_or_insert_function(
        builder.module, ir.FunctionType(ir.VoidType(), [byte] + [number] * 3), "llvm.prefetch.p0i8"
    )
    builder.call(code, [builder.bitcast(place, byte), number(0), number(3), number(1)])  # read, keep, data
    return context.get_dummy_value()


@extending.intrinsic
def _fetch(_typing: Any, array: Any, _place: Any) -> Any:
    return types.none(array, types.intp), _fetch_code


class _Fetch(Protocol):
    def __call__(self, array: NDArray[Any], place: int, /) -> None: ...


fetch = cast(_Fetch, _fetch)
"""Ask the processor for an array's element (the first of its row) before it is read, inside compiled code. A place
outside of the array only costs the asking."""


def entry(function: Function, *arguments: Any) -> Function:
    """The machine code of a compiled function for just the types of these arguments, called without looking at types
    again: with tuples of eighty arrays that look took 22 of 36 microseconds. The caller vouches for the types, dtype,
    dimensions and contiguity included; anything else is undefined behaviour."""
    dispatcher = cast(CPUDispatcher, function)
    dispatcher(*arguments)
    signature = tuple(dispatcher.typeof_pyval(argument) for argument in arguments)
    return cast(Function, cast(Any, dispatcher.overloads[signature]).entry_point)


@inlined
def outlives(owner: Any) -> None:
    """A use of ``owner``, so that Numba does not free it earlier."""


def _cache_base() -> Path:
    base = os.environ.get("NUMBA_CACHE_DIR")
    return Path(base) if base else Path(__file__).parent / "__pycache__" / "compiled"


def _fingerprint(function: Callable[..., Any]) -> str:
    """Of the function's code, the constants it reads and, through them, every compiled function it calls."""
    digest = hashlib.blake2b(digest_size=8)
    for part in _parts(cast(FunctionType, function), set()):
        digest.update(part)
    return digest.hexdigest()


def _parts(function: FunctionType, seen: set[int]) -> Iterator[bytes]:
    if id(function) in seen:
        return
    seen.add(id(function))
    code = function.__code__
    yield code.co_code
    yield repr([constant for constant in code.co_consts if not isinstance(constant, CodeType)]).encode()
    names = code.co_names
    for name in names:
        value = function.__globals__.get(name)
        values = [getattr(value, n, None) for n in names] if isinstance(value, ModuleType) else [value]
        for used in values:
            if isinstance(used, CPUDispatcher):
                yield from _parts(cast(FunctionType, used.py_func), seen)
            elif isinstance(used, int | float | tuple | np.generic):
                yield f"{name}={used!r}".encode()
