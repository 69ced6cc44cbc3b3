"""Every scenario that is one question to a fresh verifier, with its exact reason; the rest is in test_courses.py.

The status follows from the reason by the table in ``reasons.py``, which a test of its own holds to the rule that
nothing temporary, and nothing of ours, is undeliverable.
"""

import msgspec

from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.sightings import Sighting
from bureau.model.query import Depth


class Scenario(msgspec.Struct, frozen=True):
    """``patient`` servers get the usual time; the others are given up after a second."""

    what: str
    address: str
    reason: Reason
    depth: Depth = Depth.MAILBOX
    patient: bool = True
    sighting: Sighting | None = None
    reported: Reason | None = None


def impatient(what: str, address: str, reason: Reason) -> Scenario:
    return Scenario(what, address, reason, patient=False)


SYNTAX = [
    Scenario("two at signs", "fulano@@bom.com.br", Reason.SYNTAX_INVALID),
    Scenario("nobody looked", "fulano@bom.com.br", Reason.NOT_CHECKED, Depth.SYNTAX),
    Scenario("looked up, not probed", "fulano@bom.com.br", Reason.MAILBOX_NOT_CHECKED, Depth.DNS),
    Scenario("not seen for years", "fulano@bom.com.br", Reason.STALE, Depth.DNS, sighting=Sighting(2000, 1)),
]

DOMAINS = [
    Scenario("name does not exist", "fulano@naoexiste.com.br", Reason.DOMAIN_NOT_FOUND),
    Scenario("neither MX nor address", "fulano@semcorreio.com.br", Reason.DOMAIN_HAS_NO_MAIL),
    Scenario("null MX", "fulano@nulo.com.br", Reason.NULL_MX),
    Scenario("null MX beside a real one", "fulano@misto.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("dangling MX", "fulano@pendurado.com.br", Reason.MX_UNRESOLVABLE),
    Scenario("MX is an IP address", "fulano@literal.com.br", Reason.MX_UNROUTABLE),
    Scenario("broken zone", "fulano@falha.br", Reason.DNS_SERVFAIL),
    Scenario("MX in a broken zone", "fulano@mxfalho.com.br", Reason.DNS_SERVFAIL),
    Scenario("resolver refuses", "fulano@negado.org", Reason.DNS_REFUSED),
    Scenario("resolver refuses the MX", "fulano@mxnegado.com.br", Reason.DNS_REFUSED),
    Scenario("typed domain has no mail", "fulano@gmial.com", Reason.DOMAIN_NOT_FOUND),
]

RISKS = [
    Scenario("role account that exists", "contato@bom.com.br", Reason.ROLE_ACCOUNT),
    Scenario("role account that does not", "vendas@bom.com.br", Reason.MAILBOX_NOT_FOUND),
    Scenario("disposable", "fulano@yopmail.com", Reason.DISPOSABLE),
    Scenario("privacy relay", "fulano@duck.com", Reason.PRIVACY_RELAY),
    Scenario("typo trap", "fulano@gmil.com", Reason.TYPO_SUSPECTED),
    Scenario("typed at random", "bcdfghjklm@bom.com.br", Reason.GIBBERISH_LOCAL),
]

MAILBOXES = [
    Scenario("exists", "fulano@bom.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("does not exist", "ninguem@bom.com.br", Reason.MAILBOX_NOT_FOUND),
    Scenario("international, exists", "joão@bom.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("international, server knows ASCII only", "joão@ascii.com.br", Reason.SMTPUTF8_UNSUPPORTED),
    Scenario("catch-all", "qualquer@apanha.com.br", Reason.CATCH_ALL),
    Scenario("MX of somebody else", "fulano@alheio.com.br", Reason.DOMAIN_NOT_SERVED),
    Scenario("implicit MX", "fulano@implicito.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("full, for now", "cheia@teatro.com.br", Reason.MAILBOX_FULL),
    Scenario("full, for good", "lotada@teatro.com.br", Reason.MAILBOX_FULL),
    Scenario("disabled", "desativada@teatro.com.br", Reason.MAILBOX_DISABLED),
    Scenario("moved", "mudou@teatro.com.br", Reason.MAILBOX_MOVED),
    Scenario("null MX by the server's word", "nula@teatro.com.br", Reason.NULL_MX),
    Scenario("receiving too quickly", "depressa@teatro.com.br", Reason.RECIPIENT_RATE_LIMITED),
    Scenario("Gmail, exists", "fulano@gmail.com", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("Gmail, does not", "ninguem@gmail.com", Reason.MAILBOX_NOT_FOUND),
    Scenario("Gmail, too quickly", "depressa@gmail.com", Reason.RECIPIENT_RATE_LIMITED),
    Scenario("Outlook, consumer, exists", "fulano@hotmail.com", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("Outlook, consumer, does not", "ninguem@hotmail.com", Reason.MAILBOX_NOT_FOUND),
    Scenario("Outlook, tenant, does not", "ninguem@inquilina.com.br", Reason.MAILBOX_NOT_FOUND),
    Scenario("Outlook, tenant, exists", "fulano@inquilina.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("Yahoo", "fulano@yahoo.com.br", Reason.PROVIDER_UNVERIFIABLE),
    Scenario("UOL, exists", "fulano@uol.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
]

TEMPORARY = [
    Scenario("greylists whom it knows", "fulano@cinza.com.br", Reason.GREYLIST_PROBABLY_EXISTS),
    Scenario("greylists whom it knows: a stranger", "ninguem@cinza.com.br", Reason.MAILBOX_NOT_FOUND),
    Scenario("greylists everybody", "fulano@neblina.com.br", Reason.GREYLISTED),
    Scenario("greylists everybody: a stranger", "ninguem@neblina.com.br", Reason.GREYLISTED),
    Scenario("greylists one mailbox", "cinza@teatro.com.br", Reason.GREYLIST_PROBABLY_EXISTS),
    Scenario("greylists like Stalwart", "stalwart@teatro.com.br", Reason.GREYLIST_PROBABLY_EXISTS),
    Scenario("busy", "fulano@ocupado.com.br", Reason.SERVER_BUSY),
    Scenario("policy service down", "fulano@quebrado.com.br", Reason.SERVER_ERROR),
    Scenario("takes no mail (521)", "fulano@naoquer.com.br", Reason.SERVER_ERROR),
    Scenario("server's disk is full", "fulano@disco.com.br", Reason.SERVER_STORAGE),
    Scenario("server's disk is full, said at RCPT", "disco@teatro.com.br", Reason.SERVER_STORAGE),
    Scenario("verifies the recipient later", "incerta@teatro.com.br", Reason.AMBIGUOUS_REPLY),
    Scenario("will not say (252)", "fulano@talvez.com.br", Reason.AMBIGUOUS_REPLY),
    Scenario("always too many errors", "erros@teatro.com.br", Reason.TOO_MANY_ERRORS),
    Scenario("nobody listens", "fulano@fechado.com.br", Reason.CONNECT_REFUSED),
    impatient("does not answer the door", "fulano@surdo0.com.br", Reason.CONNECT_TIMEOUT),
    impatient("tarpit at the banner", "fulano@lento.com.br", Reason.SMTP_TIMEOUT),
    impatient("tarpit at RCPT", "fulano@piche.com.br", Reason.SMTP_TIMEOUT),
    Scenario("hangs up at once", "fulano@cai.com.br", Reason.CONNECTION_DROPPED),
    Scenario("hangs up at RCPT", "fulano@caidepois.com.br", Reason.CONNECTION_DROPPED),
    Scenario("speaks HTTP", "fulano@web.com.br", Reason.PROTOCOL_ERROR),
    Scenario("insists on encryption it cannot do", "fulano@cofreroto.com.br", Reason.TLS_FAILED),
    Scenario("insists on encryption it does not offer", "fulano@segredo.com.br", Reason.TLS_REQUIRED),
]

OURS = [
    Scenario("blocks us at the banner", "fulano@porta.com.br", Reason.IP_BLOCKLISTED),
    Scenario("blocks us at RCPT", "fulano@tarde.com.br", Reason.IP_BLOCKLISTED),
    Scenario("blocks us, said of a mailbox", "bloqueio@teatro.com.br", Reason.IP_BLOCKLISTED),
    Scenario("bans our address", "banido@teatro.com.br", Reason.IP_BLOCKLISTED),
    Scenario("wants a reverse name", "fulano@reverso.com.br", Reason.RDNS_REQUIRED),
    Scenario("wants a reverse name, said at RCPT", "reverso@teatro.com.br", Reason.RDNS_REQUIRED),
    Scenario("refuses our name", "fulano@nome.com.br", Reason.HELO_REJECTED),
    Scenario("refuses our sender", "fulano@remetente.com.br", Reason.SENDER_REJECTED),
    Scenario("refuses our sender by SPF", "remetente@teatro.com.br", Reason.SENDER_REJECTED),
    Scenario("wants authentication", "fulano@autentica.com.br", Reason.AUTH_REQUIRED),
    Scenario("wants DKIM or SPF", "autentica@teatro.com.br", Reason.AUTH_REQUIRED),
    Scenario("too many connections", "fulano@limitado.com.br", Reason.RATE_LIMITED),
    Scenario("unusual volume (Yahoo's 421)", "volume@teatro.com.br", Reason.RATE_LIMITED),
    Scenario("rate limited (Microsoft's 451)", "ocupada@teatro.com.br", Reason.RATE_LIMITED),
]

GOOD_AFTER_ALL = [
    Scenario("slow, but within bounds", "fulano@vagaroso.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("encrypts", "fulano@cofre.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("encrypts: a stranger", "ninguem@cofre.com.br", Reason.MAILBOX_NOT_FOUND),
    Scenario("offers encryption it cannot do", "fulano@vidro.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("one recipient a session", "fulano@avara.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("first MX is closed", "fulano@reserva.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
    Scenario("first MX is busy", "fulano@cheio.com.br", Reason.ACCEPTED_NOT_CATCH_ALL),
]

SETTLED = (Reason.HARD_BOUNCED, Reason.SUPPRESSED_COMPLAINT, Reason.SUPPRESSED_OPT_OUT, Reason.SUPPRESSED_LEGAL,
           Reason.CONFIRMED_BY_DELIVERY)  # fmt: skip
SOFT = Reason.SOFT_BOUNCED

REPORTED = [
    *(Scenario(f"reported, nobody asked: {r.value}", "fulano@lento.com.br", r, reported=r) for r in SETTLED),
    Scenario("bounced softly, and a tarpit", "fulano@piche.com.br", SOFT, patient=False, reported=SOFT),
    Scenario("bounced softly, but exists", "fulano@bom.com.br", Reason.ACCEPTED_NOT_CATCH_ALL, reported=SOFT),
]

SCENARIOS = [*SYNTAX, *DOMAINS, *RISKS, *MAILBOXES, *TEMPORARY, *OURS, *GOOD_AFTER_ALL, *REPORTED]
