"""A DNS server on loopback that answers from a table, or misbehaves on request."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

Zone = Mapping[str, Mapping[str, list[str]] | str]


class LoopbackDns(asyncio.DatagramProtocol):
    """``zone``: name → {type: [record texts]}, or one of SERVFAIL, REFUSED, SILENT. Other names do not exist."""

    ttl: ClassVar[int] = 600

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str]] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        host, port = transport.get_extra_info("sockname")
        self.address = f"{host}:{port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        [question] = query.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        self.asked.append((name, kind))
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        found = self.zone.get(name)
        if found == "SILENT":
            return
        if isinstance(found, str):
            reply.set_rcode(dns.rcode.from_text(found))
        elif found is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif "CNAME" in found:
            [target] = found["CNAME"]
            reply.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", "CNAME", target))
            behind = self.zone.get(target.rstrip("."), {})
            if not isinstance(behind, str) and kind in behind:
                reply.answer.append(dns.rrset.from_text(target, self.ttl, "IN", kind, *behind[kind]))
        elif kind in found:
            reply.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", kind, *found[kind]))
        self.transport.sendto(reply.to_wire(), addr)


@pytest.fixture
async def dns_server() -> AsyncIterator[LoopbackDns]:
    """An empty zone to fill: ``dns_server.zone = {...}``; it listens at ``dns_server.address``."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: LoopbackDns({}), local_addr=("127.0.0.1", 0))
    yield server
    transport.close()
