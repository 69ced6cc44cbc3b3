"""What the rig's name server says: every house's domains, and domains whose mail goes nowhere."""

from tests.rig.houses import DEAD, HOUSES
from tests.rig.raw_servers import RAW, UNANSWERED

ODD = f"""
nulo.com.br. MX 0 .
misto.com.br. MX 0 .
misto.com.br. MX 10 mx.bom.com.br.
implicito.com.br. A 127.0.1.1
semcorreio.com.br. TXT "v=spf1 -all"
pendurado.com.br. MX 10 mx.naoexiste.com.br.
literal.com.br. MX 10 93.184.215.14.
interno.com.br. MX 10 mx.interno.com.br.
mx.interno.com.br. A 10.0.0.1
apelido.com.br. CNAME bom.com.br.
alheio.com.br. MX 10 mx.bom.com.br.
reserva.com.br. MX 10 mx.fechado.com.br.
reserva.com.br. MX 20 mx.bom.com.br.
cheio.com.br. MX 10 mx.ocupado.com.br.
cheio.com.br. MX 20 mx.bom.com.br.
fechado.com.br. MX 10 mx.fechado.com.br.
mx.fechado.com.br. A {DEAD}
mxfalho.com.br. MX 10 mx.falha.br.
mxnegado.com.br. MX 10 mx.negado.org.
"""


def zones() -> dict[str, str | None]:
    """``falha.br.`` cannot be loaded (SERVFAIL), anything outside ``br``, ``com`` and ``net`` is REFUSED."""
    lines = [line for line in ODD.splitlines() if line]
    for house in HOUSES.values():
        for domain in house.domains:
            mx = house.mx or f"mx.{domain}"
            lines += [f"{domain}. MX 10 {mx}.", f"{mx}. A {house.address}"]
    silent = {f"surdo{number}.com.br": address for number, address in enumerate(UNANSWERED)}
    raw = {domain: address for domain, (address, _) in RAW.items()}
    for domain, address in (raw | silent).items():
        lines += [f"{domain}. MX 10 mx.{domain}.", f"mx.{domain}. A {address}"]
    below = {top: [line for line in lines if line.split(" ")[0].endswith(f".{top}")] for top in TOP}
    return {**{top: "\n".join(found) + "\n" for top, found in below.items()}, "falha.br.": None}


TOP = ("br.", "com.", "net.")
