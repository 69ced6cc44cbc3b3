"""Which addresses may be called: those of the whole internet, however they are written."""

import random

import httpcore
import pytest

from bureau.errors import InvalidArgument
from bureau.webhooks.ladder import WAITS, wait_after
from bureau.webhooks.network import ForbiddenAddress, PublicNetwork, checked_url, is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "200.160.2.3", "2804:d59::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001:0:1:2:3:4:5:6",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("url", ["https://acme.example/hook", "https://acme.example:8443/a?b=c", "https://8.8.8.8/"])
def test_addresses_that_may_be_registered(url: str) -> None:
    assert url == checked_url(url, loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.example/", "ftp://acme.example/", "https://", "https://u:p@acme.example/", "https://127.0.0.1/",
        "https://[::1]/", "https://10.0.0.1/", "https://acme.example/#x", "https://acme.example:99999/", "acme",
        "https://acme.example/ x", "https://açme.example/", "https://a.example/" + "x" * 2000, "https://[::1/",
    ],
)  # fmt: skip
def test_addresses_that_may_not(url: str) -> None:
    with pytest.raises(InvalidArgument):
        checked_url(url, loopback=False)


def test_for_tests_the_operator_may_allow_loopback_and_nothing_more() -> None:
    assert checked_url("http://127.0.0.1:80/", loopback=True)
    with pytest.raises(InvalidArgument):
        checked_url("http://10.0.0.1/", loopback=True)


async def test_a_name_that_leads_home_is_not_dialled() -> None:
    with pytest.raises(ForbiddenAddress):
        await PublicNetwork(loopback=False).connect_tcp("localhost", 80, timeout=5)


async def test_a_name_that_leads_nowhere_is_a_failed_connection() -> None:
    with pytest.raises(httpcore.ConnectError):
        await PublicNetwork(loopback=False).connect_tcp("no..name", 80, timeout=5)


def test_the_ladder_ends_after_its_last_step() -> None:
    waits = [wait_after(attempts, random.Random(1)) for attempts in range(1, len(WAITS) + 1)]
    assert waits[-1] is None
    for wait, wanted in zip(waits[:-1], WAITS[1:], strict=True):
        assert wait is not None
        assert wanted <= wait <= 1.1 * wanted
