"""A published snapshot, memory-mapped and read-only; every process shares its pages through the page cache."""

import hashlib
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.errors import PopulationUnavailable
from bureau.ids import EntityId, PopulationId
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    DATE,
    MUNICIPALITY,
    NO_TAX_ID,
    POSTAL_CODE,
    BlockIndex,
    Register,
    Vocabulary,
)
from bureau.matching.posterior import ORDERS
from bureau.matching.statistics import Counts
from bureau.model.query import Kind
from bureau.population.lists import Lists, Texts
from bureau.population.manifest import Manifest, read_manifest
from bureau.population.secret import home_secret

_FOLDER = {Kind.PERSON: "people", Kind.COMPANY: "companies"}
_PREFIX = {Kind.PERSON: "per_", Kind.COMPANY: "com_"}


class Display(NamedTuple):
    """What is shown of one register's entities; row e of an array is ``[offsets[e], offsets[e + 1])``."""

    tokens: list[str]  # vocabulary, row 0 the empty text
    name_offsets: NDArray[np.uint32]
    name_tokens: NDArray[np.uint32]
    phones: NDArray[Any]  # CLAIM
    phone_offsets: NDArray[np.uint32]
    emails: NDArray[Any]  # CLAIM
    email_offsets: NDArray[np.uint32]
    addresses: NDArray[Any]  # ADDRESS
    address_offsets: NDArray[np.uint32]


class Partners(NamedTuple):
    """Partner rows of companies, sorted by ``root``; row p's name is ``name_offsets[p]..[p + 1]`` (company tokens)."""

    root: NDArray[np.int64]
    kind: NDArray[np.uint8]
    masked_cpf: NDArray[np.int32]  # the six visible digits; -1 unknown
    tax_id: NDArray[np.int64]  # of a partner company; NO_TAX_ID unknown
    age_band: NDArray[np.uint8]
    name_offsets: NDArray[np.uint32]
    name_tokens: NDArray[np.uint32]


class Held(NamedTuple):
    """What :class:`Display` says of one entity, as plain tuples."""

    phones: Lists
    emails: Lists
    addresses: Lists


class Population:
    """One snapshot. Entities are row numbers of a register; they are valid for this snapshot only.

    A newer build may remove its files at any time: what is mapped stays readable, so answers in flight are safe.
    """

    def __init__(self, directory: Path, manifest: Manifest, secret: bytes) -> None:
        self.id = PopulationId(manifest.id)
        self.manifest = manifest
        self.directory = directory
        self.people = _register(directory / "people")
        self.companies = _register(directory / "companies")
        self.counts = {kind: _counts(directory / folder) for kind, folder in _FOLDER.items()}
        self.display = {kind: _display(directory / folder) for kind, folder in _FOLDER.items()}
        self.token_ids: Mapping[Kind, dict[str, int]] = {
            kind: {token: row for row, token in enumerate(display.tokens) if row}
            for kind, display in self.display.items()
        }
        self.company_facts = mapped(directory / "companies/facts.npy")
        self.affiliation_rows = mapped(directory / "people/affiliations.npy")
        self.affiliation_offsets = mapped(directory / "people/affiliation_offsets.npy")
        self.affiliated = Lists(self.affiliation_rows, self.affiliation_offsets)
        self.partners = Partners(*(mapped(directory / f"companies/partners_{f}.npy") for f in Partners._fields))
        self.held = {kind: _held(display) for kind, display in self.display.items()}
        self._names = {kind: _names(display) for kind, display in self.display.items()}
        self._texts_offsets = mapped(directory / "texts_offsets.npy")
        self._texts = Texts(mapped(directory / "texts_bytes.npy"), self._texts_offsets)
        self._secret = secret

    @property
    def text_count(self) -> int:
        """Rows of texts, the absent text included."""
        return len(self._texts_offsets) - 1

    def register(self, kind: Kind) -> Register:
        return self.people if kind is Kind.PERSON else self.companies

    def text(self, row: int) -> str:
        """Row ``row`` of texts: an e-mail, street, number, complement or district; 0 is the empty text."""
        return self._texts[row]

    def entity_name(self, kind: Kind, entity: int) -> str:
        """The name to show, with particles and suffix (people) or legal form (companies)."""
        offsets, words = self._names[kind]
        tokens = self.display[kind].tokens
        return " ".join([tokens[token] for token in words[offsets[entity] : offsets[entity + 1]]])

    def phones(self, kind: Kind, entity: int) -> NDArray[Any]:
        """CLAIM rows, last seen first."""
        display = self.display[kind]
        return display.phones[display.phone_offsets[entity] : display.phone_offsets[entity + 1]]

    def emails(self, kind: Kind, entity: int) -> NDArray[Any]:
        """CLAIM rows, last seen first; ``value`` is a row of texts."""
        display = self.display[kind]
        return display.emails[display.email_offsets[entity] : display.email_offsets[entity + 1]]

    def addresses(self, kind: Kind, entity: int) -> NDArray[Any]:
        """ADDRESS rows, last seen first."""
        display = self.display[kind]
        return display.addresses[display.address_offsets[entity] : display.address_offsets[entity + 1]]

    def facts(self, entity: int) -> Any:
        """The COMPANY_FACTS row of one establishment."""
        return self.company_facts[entity]

    def affiliations(self, person: int) -> NDArray[Any]:
        """AFFILIATION rows of one person: the companies they own or are a partner of, each once."""
        start, end = self.affiliation_offsets[person], self.affiliation_offsets[person + 1]
        return self.affiliation_rows[start:end]

    def head_office(self, company: int) -> int:
        """The head office of an establishment's root; the establishment itself if it is one, or none is known."""
        tax_id = int(self.companies.tax_id[company])
        if tax_id == NO_TAX_ID or self.company_facts["head_office"][company]:
            return company
        root = tax_id // ORDERS * ORDERS
        start, end = np.searchsorted(self.companies.tax_id, [root, root + ORDERS])
        heads = np.flatnonzero(self.company_facts["head_office"][start:end])
        return int(start + heads[0]) if len(heads) else company

    def partner_rows(self, root: int) -> range:
        """The rows of ``partners`` that belong to one company root (8 characters read in base 36)."""
        start, end = np.searchsorted(self.partners.root, [root, root + 1])
        return range(int(start), int(end))

    def partner_name(self, row: int) -> str:
        """The name of one partner row."""
        tokens = self.display[Kind.COMPANY].tokens
        start, end = self.partners.name_offsets[row], self.partners.name_offsets[row + 1]
        return " ".join([tokens[token] for token in self.partners.name_tokens[start:end].tolist()])

    def entity_id(self, kind: Kind, entity: int) -> EntityId:
        """An opaque, keyed id: the same over rebuilds as long as the tax id (or, without one, the first record's
        content) stays; nobody without the home's secret can compute it from a tax id or undo it."""
        tax_id = int(self.register(kind).tax_id[entity])
        if tax_id != NO_TAX_ID:
            return self.entity_id_of(kind, tax_id)
        return _opaque(kind, self._content(kind, entity), self._secret)

    def entity_id_of(self, kind: Kind, tax_id: int) -> EntityId:
        """The id that whoever has this tax id has in every population, be they in this one or not."""
        return entity_id_of(kind, tax_id, self._secret)

    def with_tax_id(self, kind: Kind, tax_id: int) -> range:
        """The entities that have this tax id: one mostly, or none."""
        start, end = np.searchsorted(self.register(kind).tax_id, [tax_id, tax_id + 1])
        return range(int(start), int(end))

    def _content(self, kind: Kind, entity: int) -> str:
        register = self.register(kind)
        record = register.records[register.first_record[entity]]
        tokens = self.display[kind].tokens
        alias = " ".join([tokens[token] for token in record[ALIAS : ALIAS + ALIAS_TOKENS].tolist()])
        place = f"{record[POSTAL_CODE]} {record[MUNICIPALITY] & 0xFFFF}"
        return f"record {self.entity_name(kind, entity)}|{record[DATE]}|{alias}|{place}"


def entity_id_of(kind: Kind, tax_id: int, secret: bytes) -> EntityId:
    """:meth:`Population.entity_id_of`, for who has the home's secret and no population."""
    return _opaque(kind, f"tax_id {tax_id}", secret)


def _opaque(kind: Kind, content: str, secret: bytes) -> EntityId:
    digest = hashlib.blake2b(f"{kind} {content}".encode(), key=secret, digest_size=12)
    return EntityId(_PREFIX[kind] + digest.hexdigest())


def current_id(home: Path) -> PopulationId | None:
    """The id in use, read from one small file: cheap enough to poll. ``None`` when nothing was published yet."""
    try:
        return PopulationId((home / "populations" / "CURRENT").read_text().strip())
    except FileNotFoundError:
        return None


def open_population(home: Path, population_id: str | None = None) -> Population:
    """Map the population in use, or the one named; PopulationUnavailable when missing, damaged or of another schema."""
    chosen = population_id or current_id(home)
    if chosen is None:
        raise PopulationUnavailable("No population is published yet: run `bureau build`.")
    if "/" in chosen or chosen.startswith("."):
        raise PopulationUnavailable("A population id has no slash and does not begin with a dot.")
    return open_directory(home / "populations" / chosen, home_secret(home))


def open_directory(directory: Path, secret: bytes) -> Population:
    """As :func:`open_population` for a directory that may not be published yet (the builder verifies through it)."""
    manifest = read_manifest(directory)
    for name, entry in manifest.files.items():
        try:
            found = (directory / name).stat().st_size
        except FileNotFoundError:
            found = -1
        if found != entry.bytes:
            raise PopulationUnavailable(f"Population {manifest.id} is damaged: {name} is missing or has another size.")
    try:
        return Population(directory, manifest, secret)
    except (OSError, ValueError) as error:
        raise PopulationUnavailable(f"Population {manifest.id} is damaged: {type(error).__name__}.") from error


def mapped(path: Path) -> NDArray[Any]:
    """A read-only view of one ``.npy`` file."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _register(directory: Path) -> Register:
    vocabulary = Vocabulary(*(mapped(directory / f"vocabulary_{field}.npy") for field in Vocabulary._fields))
    blocks, neighbours = (
        BlockIndex(*(mapped(directory / f"{name}_{field}.npy") for field in BlockIndex._fields))
        for name in ("blocks", "neighbours")
    )
    first = [mapped(directory / f"{field}.npy") for field in ("records", "first_record", "tax_id")]
    return Register(first[0], first[1], first[2], vocabulary, neighbours, blocks)


def _held(display: Display) -> Held:
    return Held(
        Lists(display.phones, display.phone_offsets),
        Lists(display.emails, display.email_offsets),
        Lists(display.addresses, display.address_offsets),
    )


def _names(display: Display) -> tuple[memoryview, memoryview]:
    return display.name_offsets.data, display.name_tokens.data


def _counts(directory: Path) -> Counts:
    return Counts(*(mapped(directory / f"counts_{field}.npy") for field in Counts._fields))


def _display(directory: Path) -> Display:
    offsets, letters = mapped(directory / "tokens_offsets.npy"), mapped(directory / "tokens_bytes.npy").tobytes()
    bounds = offsets.tolist()
    tokens = [letters[start:end].decode() for start, end in itertools.pairwise(bounds)]
    return Display(tokens, *(mapped(directory / f"{field}.npy") for field in Display._fields[1:]))
