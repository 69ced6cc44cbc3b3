import re

import numpy as np

from bureau.reference.emails import email_domain_typos
from loaders.synthetic.contacts import GENERATIONS
from loaders.synthetic.population import Block, World


def _addresses(world: World, block: Block, generation: int) -> tuple[np.ndarray, list[str]]:
    contacts = block.contacts
    own = block.people[contacts.mailbox_owner[block.people] == block.people]
    keys = own * GENERATIONS + generation + 1
    return own, world.emails.addresses(block.families, contacts, keys).to_pylist()


def test_mailboxes_are_named_after_their_owner(world: World, block: Block) -> None:
    own, addresses = _addresses(world, block, 0)
    surnames = world.stock.written(world.stock.bare(block.families.born_as[own, 3:])).to_pylist()
    assert all(re.fullmatch(r"[a-z0-9._]+@[a-z0-9.-]+", address) for address in addresses)
    for surname, address in zip(surnames, addresses, strict=True):
        assert surname.lower().replace(" ", "") in address


def test_an_address_is_the_same_whoever_asks(world: World, block: Block) -> None:
    own, addresses = _addresses(world, block, 1)
    keys = own * GENERATIONS + 2
    some = np.array([keys[5], 0, keys[3], keys[5]])
    expected = [addresses[5], None, addresses[3], addresses[5]]
    assert expected == world.emails.addresses(block.families, block.contacts, some).to_pylist()


def test_mailboxes_differ(world: World, block: Block) -> None:
    found = [address for generation in range(GENERATIONS) for address in _addresses(world, block, generation)[1]]
    assert len(set(found)) > 0.97 * len(found)


def test_providers_are_those_of_their_time(world: World, block: Block) -> None:
    new, old = (_addresses(world, block, generation)[1] for generation in (0, GENERATIONS - 1))
    gmail = [np.mean([address.endswith("@gmail.com") for address in addresses]) for addresses in (new, old)]
    assert gmail[0] > 0.5
    assert gmail[1] < 0.2


def test_six_domains_in_a_thousand_are_mistyped(world: World, block: Block) -> None:
    found = [address.partition("@")[2] for address in _addresses(world, block, 0)[1]]
    wrong = np.mean([domain in email_domain_typos() for domain in found])
    assert 0.002 < wrong < 0.012
