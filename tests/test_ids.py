"""New identifiers: in the order they are made, distinct even between processes that were forked."""

import os
import time

from bureau.ids import sortable


def test_their_form_and_order() -> None:
    first = sortable("use")
    until = time.time_ns() // 1_000_000 + 1
    while time.time_ns() // 1_000_000 < until:
        pass
    assert first < sortable("use")
    assert (36, "use_") == (len(first), first[:4])
    assert int(first[4:], 16) > 0


def test_all_are_distinct() -> None:
    assert 10_000 == len({sortable("x") for _ in range(10_000)})


def test_a_forked_process_draws_others() -> None:
    sortable("x")  # so that there is something to inherit
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, sortable("x")[-20:].encode())
        os._exit(0)
    mine = sortable("x")[-20:]
    os.waitpid(child, 0)
    assert mine != os.read(reader, 20).decode()
    os.close(reader)
    os.close(writer)
