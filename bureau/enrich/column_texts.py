"""What the snapshot shows of many entities at once: texts, names, ids and addresses as Arrow columns."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.enrich.column_contacts import Claims, Heap
from bureau.model.query import Kind
from bureau.population import Population
from bureau.population.reader import mapped
from bureau.reference.places import municipalities


class ShownTexts:
    """One population's texts, mapped once: no text is copied before somebody asks for it."""

    def __init__(self, population: Population) -> None:
        self.population = population
        offsets, data = (mapped(population.directory / f"texts_{part}.npy") for part in ("offsets", "bytes"))
        self.heap = Heap(data, offsets)
        self._texts = pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))
        self._tokens = {kind: pa.array(population.display[kind].tokens, pa.string()) for kind in Kind}
        self._cities = pa.array([None, *(place.name for place in municipalities())], pa.string())
        self._states = pa.array([None, *(place.state for place in municipalities())], pa.string())
        self._area_codes = np.array([0, *(place.area_code for place in municipalities())], np.int64)

    def texts(self, rows: NDArray[np.int64]) -> pa.Array:
        """Rows of texts; row 0 is absent."""
        return self._texts.take(pa.array(rows, mask=rows == 0)).cast(pa.string())

    def phones(self, kind: Kind) -> Claims:
        display = self.population.display[kind]
        return Claims(display.phones, display.phone_offsets)

    def emails(self, kind: Kind) -> Claims:
        display = self.population.display[kind]
        return Claims(display.emails, display.email_offsets)

    def names(self, kind: Kind, entities: NDArray[np.int64]) -> pa.Array:
        """As ``Population.entity_name``."""
        display = self.population.display[kind]
        starts = display.name_offsets[entities].astype(np.int64)
        counts = display.name_offsets[entities + 1].astype(np.int64) - starts
        offsets = np.concatenate([[0], np.cumsum(counts)])
        places = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
        tokens = self._tokens[kind].take(display.name_tokens[places])
        return pc.binary_join(pa.ListArray.from_arrays(offsets.astype(np.int32), tokens), " ")

    def entity_ids(self, kind: Kind, entities: NDArray[np.int64]) -> pa.Array:
        return pa.array([self.population.entity_id(kind, entity) for entity in entities.tolist()], pa.string())

    def area_codes(self, kind: Kind, entities: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of each entity's latest municipality; 0 where that, or the entity (-1), is unknown."""
        rows, found = self._latest(kind, entities)
        codes = np.zeros(len(entities), np.int64)
        codes[found] = self._area_codes[rows["municipality"]]
        return codes

    def places(self, kind: Kind, entities: NDArray[np.int64]) -> dict[str, pa.Array]:
        """The latest address of each entity (-1: none) in the columns of ``AddressAnswer``."""
        rows, found = self._latest(kind, entities)
        shown = {
            name: self.texts(rows[name].astype(np.int64)) for name in ("street", "number", "complement", "district")
        }
        shown["city"], shown["state"] = self._cities.take(rows["municipality"]), self._states.take(rows["municipality"])
        codes = pa.array(rows["postal_code"], mask=rows["postal_code"] <= 0)
        shown["postal_code"] = pc.utf8_lpad(codes.cast(pa.string()), 8, "0")
        return {name: spread(column, found, len(entities)) for name, column in shown.items()}

    def _latest(self, kind: Kind, entities: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """ADDRESS rows, and whose they are."""
        display = self.population.display[kind]
        offsets, real = display.address_offsets, np.maximum(entities, 0)
        if len(offsets) < 2:
            return display.addresses[:0], np.zeros(0, np.int64)
        found = np.flatnonzero((entities >= 0) & (offsets[real + 1] > offsets[real]))
        return display.addresses[offsets[entities[found]]], found


def spread(values: pa.Array, slots: NDArray[np.int64], size: int) -> pa.Array:
    """``values`` put into the slots of a column of ``size``; null everywhere else."""
    places = np.full(size, -1, np.int64)
    places[slots] = np.arange(len(values))
    return values.take(pa.array(places, mask=places < 0))
