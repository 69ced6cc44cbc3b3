"""When, why and for whom a file is answered, and what is on record for them."""

import datetime as dt
from functools import lru_cache
from pathlib import Path

import msgspec

from bureau.deliverability.phone.calling import NO_LISTS
from bureau.deliverability.phone.do_not_call import read_list
from bureau.enrich.standing import Situation
from bureau.enrich.usable import Calling
from bureau.ids import ClientId
from bureau.model.query import Purpose
from bureau.overlay.client_view import ClientView
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.standing_table import StandingTable
from bureau.population.secret import home_secret


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Picklable, for ``SettledAnswers``. ``standings`` is a file of ``overlay.snapshot``; without one nothing is on
    record. ``do_not_call`` is the operator's list."""

    home: Path
    at: dt.datetime
    purpose: Purpose = Purpose.COLLECTION
    client: ClientId = ClientId("")
    explain: bool = False
    standings: Path | None = None
    do_not_call: Path | None = None

    def __call__(self) -> Situation:
        lists = _list(self.do_not_call) if self.do_not_call else NO_LISTS
        calling = Calling(self.at, self.purpose.value, lists)
        if self.standings is None:
            return Situation(calling, explain=self.explain)
        view = ClientView(_table(self.standings), Fingerprints(home_secret(self.home)), self.client)
        return Situation(calling, view, self.explain)


_list = lru_cache(maxsize=2)(read_list)  # a process answers many chunks


@lru_cache(maxsize=2)
def _table(path: Path) -> StandingTable:
    return StandingTable.load(path)
