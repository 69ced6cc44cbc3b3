"""Syntax: our own cases by hand, and email-validator as the oracle at run time."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bureau.deliverability.email.syntax import Address, SyntaxDetail, clean, parse

FAULTS = {
    "": SyntaxDetail.NO_AT,
    "fulano.exemplo.com.br": SyntaxDetail.NO_AT,
    "fulano@": SyntaxDetail.DOMAIN_CHARS,
    "@exemplo.com.br": SyntaxDetail.LOCAL_CHARS,
    "fulano@@exemplo.com.br": SyntaxDetail.MANY_AT,
    "fulano@casa@exemplo.com.br": SyntaxDetail.MANY_AT,
    "fulano de tal@exemplo.com.br": SyntaxDetail.LOCAL_CHARS,
    "fulano(tal)@exemplo.com.br": SyntaxDetail.LOCAL_CHARS,
    "fulano,@exemplo.com.br": SyntaxDetail.LOCAL_CHARS,
    "fula\u202eno@exemplo.com.br": SyntaxDetail.LOCAL_CHARS,
    "ful\ud800ano@exemplo.com.br": SyntaxDetail.LOCAL_CHARS,
    ".fulano@exemplo.com.br": SyntaxDetail.LOCAL_DOTS,
    "fulano.@exemplo.com.br": SyntaxDetail.LOCAL_DOTS,
    "fulano..tal@exemplo.com.br": SyntaxDetail.LOCAL_DOTS,
    "f" * 65 + "@exemplo.com.br": SyntaxDetail.LOCAL_TOO_LONG,
    "fulano@exem_plo.com.br": SyntaxDetail.DOMAIN_CHARS,
    "fulano@exemplo,com.br": SyntaxDetail.DOMAIN_CHARS,
    "fulano@exemplo com.br": SyntaxDetail.DOMAIN_CHARS,
    "fulano@exemplo..com.br": SyntaxDetail.DOMAIN_LABEL,
    "fulano@-exemplo.com.br": SyntaxDetail.DOMAIN_LABEL,
    "fulano@exemplo-.com.br": SyntaxDetail.DOMAIN_LABEL,
    "fulano@" + "e" * 64 + ".com.br": SyntaxDetail.DOMAIN_LABEL,
    "fulano@ex--emplo.com.br": SyntaxDetail.DOMAIN_LABEL,
    "fulano@exemplo": SyntaxDetail.NO_TLD,
    "fulano@exemplo.123": SyntaxDetail.NO_TLD,
    "fulano@127.0.0.1": SyntaxDetail.NO_TLD,
    "fulano@maquina.local": SyntaxDetail.SPECIAL_USE_DOMAIN,
    "fulano@exemplo.invalid": SyntaxDetail.SPECIAL_USE_DOMAIN,
    "fulano@" + "e23456789." * 26 + "br": SyntaxDetail.TOO_LONG,
    '"fulano de tal"@exemplo.com.br': SyntaxDetail.QUOTED_LOCAL,
    "fulano@[192.0.2.1]": SyntaxDetail.DOMAIN_LITERAL,
    "fulano@[IPv6:2001:db8::1]": SyntaxDetail.DOMAIN_LITERAL,
}

VALID = {
    "fulano@exemplo.com.br": "fulano@exemplo.com.br",
    "Fulano.De-Tal+conta_1@Exemplo.COM.BR": "Fulano.De-Tal+conta_1@exemplo.com.br",
    "POSTMASTER@exemplo.com.br": "postmaster@exemplo.com.br",
    "!#$%&'*+-/=?^_`{|}~@exemplo.com": "!#$%&'*+-/=?^_`{|}~@exemplo.com",
    "f@x.co": "f@x.co",
    "f" * 64 + "@exemplo.com.br": "f" * 64 + "@exemplo.com.br",
    "1@1.1a": "1@1.1a",
    "joão@exemplo.com.br": "joão@exemplo.com.br",
    "fulano@ação.com.br": "fulano@ação.com.br",
    "fulano@xn--ao-siap.com.br": "fulano@ação.com.br",
    "fulano@exemplo。com.br": "fulano@exemplo.com.br",
}

WRAPPED = [
    " fulano@exemplo.com.br\n",
    "mailto:fulano@exemplo.com.br?subject=oi",
    "Fulano de Tal <fulano@exemplo.com.br>",
    '"Tal, Fulano" <fulano@exemplo.com.br> ',
    "<fulano@exemplo.com.br>",
    "fulano@exemplo.com.br.",
    "fulano@exemplo.com.br;",
    "\u200bfulano@exemplo.com.br\ufeff",
]


@pytest.mark.parametrize("text", FAULTS)
def test_faults_are_named(text: str) -> None:
    assert FAULTS[text] == parse(text)


@pytest.mark.parametrize("text", VALID)
def test_valid_addresses_are_normalised(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Address)
    assert VALID[text] == found.text
    assert found.domain.isascii()
    assert found.needs_smtputf8 is not found.local.isascii()


@pytest.mark.parametrize("text", WRAPPED)
def test_wrappers_come_off_that_the_library_refuses(text: str) -> None:
    assert library(text) is None
    assert Address("fulano@exemplo.com.br", "fulano", "exemplo.com.br") == parse(text)


def library(text: str) -> Address | None:
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return Address(found.normalized, found.local_part, found.ascii_domain, found.smtputf8)


labels = st.text("abcXYZ019-", min_size=1, max_size=8)
domains = st.builds(
    lambda parts, last: ".".join([*parts, last]),
    st.lists(labels, max_size=3),
    st.sampled_from(["com", "BR", "test", "c0m", "1a", "a1", "9", "xn--p1ai", "localhost", "br-"]) | labels,
)
addresses = st.builds(
    lambda local, domain: f"{local}@{domain}",
    st.text("abZ09._-+'!á @\"", max_size=12) | st.sampled_from(["Sales", "ABUSE", "a" * 64, "a" * 65]),
    domains | st.sampled_from([("a" * 63 + ".") * 3 + "com", "a" * 64 + ".com", ("ab." * 84) + "com"]),
)


@settings(max_examples=600, deadline=None)
@given(addresses | st.text(max_size=30))
@example("a@b.c\n")
@example("a@aa--b.com")
@example("a" * 64 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 57 + ".com")
def test_email_validator_agrees(text: str) -> None:
    found = parse(text)
    assert library(clean(text)) == (found if isinstance(found, Address) else None)


def test_hostile_input_costs_linear_time() -> None:
    for text in ("a" * 1_000_000, "e\u0301" * 500_000 + "@exemplo.com", "<" * 100_000, "a@" + "b." * 200_000):
        assert isinstance(parse(text), SyntaxDetail)
