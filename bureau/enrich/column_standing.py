"""``standing.settle`` for the flat columns of a table: what was reported, and whether phones may be used.

The same verdicts and the same moments (a test says so) but for one thing: a phone that was reported as a wrong person's
keeps its rank here, with that reason, since what would follow it is not among the columns.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.syntax import Address, parse
from bureau.deliverability.phone.calling import NO_LISTS
from bureau.deliverability.phone.reasons import JUDGEMENTS as OF_PHONES
from bureau.deliverability.phone.reasons import Reason as PhoneReason
from bureau.deliverability.phone.verdict import Circumstances, check_phone
from bureau.enrich.columns import FLAT, SHOWN
from bureau.enrich.standing import Situation
from bureau.enrich.usable import plan_for, usable
from bureau.ids import EntityId
from bureau.model.answer import Action, AddressAnswer, UsableNow, VerdictStatus

_RISKS = frozenset(
    reason.value
    for reason in (Reason.DISPOSABLE, Reason.TYPO_SUSPECTED, Reason.PRIVACY_RELAY, Reason.ROLE_ACCOUNT,
                   Reason.GIBBERISH_LOCAL)
)  # fmt: skip
"""What holds of an address whether or not its mailbox exists, so that only a "no" outweighs it."""

Columns = dict[str, pa.Array]
Verdict = tuple[str, str]
"""Status and reason."""


def settle_table(flat: pa.Table, situation: Situation) -> pa.Table:
    """The table with ``_status`` and ``_reason`` as they stand now, and its ``USABLE`` columns filled."""
    columns = {name: _plain(flat[name]) for name in flat.column_names}
    if not situation.on_record.is_empty:
        _report_emails(columns, situation)
        _report_phones(columns, situation)
    places = _places(columns)
    for rank in range(1, SHOWN + 1):
        columns |= _usable(columns, f"bureau_phone_{rank}", places, situation)
    return pa.table([columns[name] for name in FLAT.names], schema=FLAT)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _report_emails(columns: Columns, situation: Situation) -> None:
    def reported(text: str, _entity: str | None, before: str) -> Verdict | None:
        address = parse(text)
        said = situation.on_record.email(address) if isinstance(address, Address) else None
        if said is None:
            return None
        status = JUDGEMENTS[said.reason].status
        outweighed = before in _RISKS and status is not VerdictStatus.UNDELIVERABLE
        return None if outweighed else (status.value, said.reason.value)

    _replace(columns, "email", reported)


def _report_phones(columns: Columns, situation: Situation) -> None:
    def reported(text: str, entity: str | None, _before: str) -> Verdict | None:
        number = _national(text)
        said = situation.on_record.phone(number, EntityId(entity) if entity else None) if number else None
        if number is None or said is None:
            return None
        verdict = check_phone(number, Circumstances(live=said))
        return verdict.status.value, verdict.reason.value

    _replace(columns, "phone", reported)


def _replace(columns: Columns, contact: str, reported: Callable[[str, str | None, str], Verdict | None]) -> None:
    """Put reported verdicts in the place of others; most columns have none and stay as they are."""
    entities = columns["bureau_entity_id"].to_pylist()
    for rank in range(1, SHOWN + 1):
        name = f"bureau_{contact}_{rank}"
        before = columns[f"{name}_reason"].to_pylist()
        found = {
            row: verdict
            for row, text in enumerate(columns[name].to_pylist())
            if text is not None and (verdict := reported(text, entities[row], before[row]))
        }
        if found:
            rows = np.zeros(len(before), np.bool_)
            rows[list(found)] = True
            for place, suffix in enumerate(("_status", "_reason")):
                new = pa.array([verdict[place] for verdict in found.values()], pa.string())
                columns[name + suffix] = pc.replace_with_mask(columns[name + suffix], pa.array(rows), new)


def _places(columns: Columns) -> pa.DictionaryArray:
    """Each row's municipality and state as one text; null where the state is unknown."""
    city = pc.fill_null(columns["bureau_city"], "")
    return pc.binary_join_element_wise(city, columns["bureau_state"], "\t").dictionary_encode()


def _usable(columns: Columns, name: str, places: pa.DictionaryArray, situation: Situation) -> Columns:
    """Answers are computed once for each place (or area code) and reason, of which a file has few."""
    texts = columns[name]
    rows = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False))
    numbers = _nationals(texts.take(pa.array(rows)))
    where = pc.fill_null(places.indices, -1).to_numpy()[rows].astype(np.int64)
    reasons = columns[f"{name}_reason"].take(pa.array(rows)).dictionary_encode()
    by_code = np.where(where < 0, np.where(numbers >= 10**10, numbers // 10**9, numbers // 10**8), 0)
    keys = (where + 1) << 14 | by_code << 7 | reasons.indices.to_numpy() << 1 | (numbers > 0)
    listed = _listed(numbers, situation)
    keys[listed] = -1 - np.flatnonzero(listed)  # a case of its own each
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    found = [
        _usable_now(int(numbers[at]), places.dictionary[int(where[at])].as_py() if where[at] >= 0 else None,
                    reasons[int(at)].as_py(), situation)
        for at in first
    ]  # fmt: skip
    until = pa.array([now.until.isoformat() if now.until else None for now in found], pa.string())
    blocked = pa.array([now.blocked_by for now in found], pa.string())
    slots = np.full(len(texts), -1, np.int64)
    slots[rows] = which
    taken = pa.array(slots, mask=slots < 0)
    return {f"{name}_usable_until": until.take(taken), f"{name}_blocked_by": blocked.take(taken)}


def _usable_now(number: int, place: str | None, reason: str, situation: Situation) -> UsableNow:
    city, _, state = (place or "").partition("\t")
    address = AddressAnswer(city=city or None, state=state) if state else None
    action = OF_PHONES[PhoneReason(reason)].action if reason in _PHONE_REASONS else Action.SEND_WITH_CARE
    plan = plan_for(address, situation.calling.purpose)
    return usable(number or None, (reason, action), plan, situation.calling)


_PHONE_REASONS = frozenset(reason.value for reason in PhoneReason)


def _listed(numbers: NDArray[np.int64], situation: Situation) -> NDArray[np.bool_]:
    lists = situation.calling.lists
    if lists is NO_LISTS:
        return np.zeros(len(numbers), np.bool_)
    return np.fromiter((bool(lists.entries(number)) for number in numbers.tolist()), np.bool_, len(numbers))


def _nationals(texts: pa.Array) -> NDArray[np.int64]:
    """National numbers, 0 for what is none."""
    is_number = pc.match_substring_regex(texts, r"^\+55\d{10,11}$")
    digits = pc.if_else(is_number, pc.utf8_slice_codeunits(texts, 3), "0")
    found: NDArray[np.int64] = digits.cast(pa.int64()).to_numpy()
    return found


def _national(text: str) -> int | None:
    return int(text[3:]) if text.startswith("+55") and text[3:].isdecimal() else None
