"""Probing is off unless the operator says as whom; half an identity is refused in one sentence."""

import pytest

from bureau.deliverability.email.configuration import probing_from, verifier_from
from bureau.deliverability.email.mailbox.dialogue import Budget, Identity
from bureau.deliverability.email.mailbox.throttle import Terms
from bureau.deliverability.email.routing import PUBLIC_ONLY
from bureau.errors import InvalidArgument
from bureau.settings import Settings

WHO = {"BUREAU_PROBE_NAME": "sonda.exemplo.com.br", "BUREAU_PROBE_SENDER": "sonda@exemplo.com.br"}


def test_nobody_is_contacted_by_default() -> None:
    assert probing_from(Settings(), PUBLIC_ONLY) is None


def test_every_probe_setting_arrives() -> None:
    given = {
        "BUREAU_PROBE_NEVER": "Yahoo, Terra.com.br ,",
        "BUREAU_PROBE_CONNECT_SECONDS": "1",
        "BUREAU_PROBE_BANNER_SECONDS": "2",
        "BUREAU_PROBE_COMMAND_SECONDS": "3",
        "BUREAU_PROBE_TOTAL_SECONDS": "4",
        "BUREAU_PROBE_PORT": "2525",
    }
    found = probing_from(Settings.from_environment({**WHO, **given}), PUBLIC_ONLY)
    assert found is not None
    assert Identity("sonda.exemplo.com.br", "sonda@exemplo.com.br") == found.identity
    assert (Budget(1.0, 2.0, 3.0), 4.0, 2525) == (found.budget, found.total, found.port)
    assert {"yahoo", "terra.com.br"} == found.never
    assert not found.rules.allow_private


def test_workers_share_what_a_provider_may_be_asked() -> None:
    found = probing_from(Settings.from_environment({**WHO, "BUREAU_WORKERS": "4"}), PUBLIC_ONLY)
    assert found is not None
    assert (Terms(1, 2.5), Terms(1, 0.25), Terms(1, 2.5)) == (
        found.terms["gmail"],
        found.terms["uol"],
        found.default_terms,
    )
    assert not found.terms["yahoo"].verifiable


@pytest.mark.parametrize(
    ("name", "sender"),
    [("", "sonda@exemplo.com.br"), ("sonda.exemplo.com.br", ""), ("sonda", "sonda@exemplo.com.br"),
     ("sonda.exemplo.com.br", "joão@exemplo.com.br"), ("a b.com\r\nX", "sonda@exemplo.com.br")],
)  # fmt: skip
def test_half_an_identity_is_refused_without_repeating_it(name: str, sender: str) -> None:
    with pytest.raises(InvalidArgument, match="BUREAU_PROBE_NAME") as caught:
        probing_from(Settings(probe_name=name, probe_sender=sender), PUBLIC_ONLY)
    assert "exemplo" not in str(caught.value)


async def test_a_verifier_from_settings_opens() -> None:
    settings = Settings(dns_servers="127.0.0.1:5353, 127.0.0.2,[::1]:53, ::1", dns_seconds=0.1, dns_tries=1)
    async with verifier_from(settings):
        pass


@pytest.mark.parametrize("servers", ["dns.exemplo.com.br", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1 127.0.0.2"])
def test_what_is_no_name_server_is_refused_in_one_sentence(servers: str) -> None:
    with pytest.raises(InvalidArgument, match="BUREAU_DNS_SERVERS"):
        verifier_from(Settings(dns_servers=servers))
