"""Ranking of contacts: compiled for batches, and single with evidence."""

import numpy as np
from measure import rate

from bureau.contacts.ranking import PHONES, Batch, Circumstances, Parameters, rank, top_three
from bureau.model.snapshot import CLAIM

ENTITIES, TODAY = 1_000_000, 20_500

if __name__ == "__main__":
    draw = np.random.default_rng(7)
    claims = np.zeros(3 * ENTITIES, CLAIM)
    claims["value"] = draw.integers(11_900_000_000, 99_999_999_999, len(claims))
    claims["last_seen"] = draw.integers(15_000, TODAY, len(claims))
    claims["first_seen"] = claims["last_seen"] - draw.integers(0, 2_000, len(claims))
    claims["sources"] = draw.integers(1, 8, len(claims))
    claims["shared_by"] = draw.integers(1, 4, len(claims))
    offsets = np.arange(0, len(claims) + 1, 3, dtype=np.uint64)
    batch = Batch.of(draw.permutation(ENTITIES)[:200_000])
    parameters = Parameters(PHONES, TODAY)
    top_three(claims, offsets, Batch.of([0]), parameters)
    rate("entities ranked, batch (3 claims each)", 200_000, lambda: top_three(claims, offsets, batch, parameters))
    single = np.split(claims[:30_000], 10_000)
    known = Circumstances(PHONES, TODAY, 11)
    rate(
        "entities ranked, single with evidence", 10_000, lambda: [rank(claims[n : n + 3], known) for n in range(10_000)]
    )
