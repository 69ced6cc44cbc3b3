"""The imagined providers: a loopback address each, with the Postfix options that make it behave as it does.

``{home}`` in an option is the rig's directory; ``smtpd_delay_reject=no`` lets a refusal show where it is decided,
without it Postfix keeps every refusal for RCPT.
"""

from collections.abc import Mapping

import msgspec


class House(msgspec.Struct, frozen=True):
    """``options`` go behind ``-o``; ``replies``: recipient → what it is refused with; it serves
    ``domains``, whose MX it is, and ``also`` those whose MX records are written by hand."""

    address: str
    domains: tuple[str, ...]
    options: Mapping[str, str] = {}
    replies: Mapping[str, str] = {}
    mx: str | None = None  # name of its server, if not mx.<domain>
    also: tuple[str, ...] = ()


AT_ONCE = {"smtpd_delay_reject": "no"}
POSTGREY = "check_policy_service inet:127.0.0.1:{postgrey}"  # its refusal gives way to others (DEFER_IF_PERMIT)
POSTGREY_FIRST = "check_policy_service inet:127.0.0.1:{postgrey_first}"  # this one's comes before any other (DEFER)
CERTIFICATE = {"smtpd_tls_cert_file": "{home}/tls/cert.pem", "smtpd_tls_key_file": "{home}/tls/key.pem"}

REPLIES = {
    "cheia": "452 4.2.2 The recipient's inbox is out of storage space",
    "lotada": "552 5.2.2 Over quota",
    "desativada": "550 5.2.1 The email account that you tried to reach is disabled",
    "mudou": "551 5.1.6 Recipient has moved",
    "nula": "556 5.1.10 Recipient address has null MX",
    "depressa": "450 4.2.1 The user you are trying to contact is receiving mail too quickly",
    "disco": "452 4.3.1 Insufficient system storage",
    "cinza": "451 4.7.1 Greylisting in action, please come back later",
    "stalwart": "452 4.2.2 Greylisted, please try again in a few minutes",
    "incerta": "450 4.1.1 unverified address: Address verification in progress",
    "bloqueio": "554 5.7.1 Service unavailable; client host blocked using zen.spamhaus.org",
    "banido": "550 5.7.606 Access denied, banned sending IP",
    "reverso": "550 5.7.25 The sending IP does not have a PTR record set up",
    "remetente": "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
    "autentica": "550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy",
    "volume": "421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume or user complaints",
    "erros": "421 4.7.0 Error: too many errors",
    "ocupada": "451 4.7.650 The mail server has been temporarily rate limited due to IP reputation",
}


def _refusing(restriction: str, reply: str) -> dict[str, str]:
    table = {"client": "check_client_access", "helo": "check_helo_access", "sender": "check_sender_access"}[restriction]
    return {f"smtpd_{restriction}_restrictions": f"{table} static:{{{reply}}}"}


BLOCKED = "554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org"

HOUSES: Mapping[str, House] = {
    "truthful": House(
        "127.0.1.1",
        ("bom.com.br", "uol.com.br", "gmil.com", "yopmail.com", "duck.com"),
        also=("misto.com.br", "implicito.com.br", "reserva.com.br", "cheio.com.br"),
    ),
    "catch-all": House("127.0.1.2", ("apanha.com.br",), {"virtual_mailbox_maps": "static:x"}),
    "blocks at the banner": House("127.0.1.3", ("porta.com.br",), AT_ONCE | _refusing("client", BLOCKED)),
    "blocks at RCPT": House("127.0.1.4", ("tarde.com.br",), _refusing("client", BLOCKED)),
    "wants a reverse name": House(
        "127.0.1.5",
        ("reverso.com.br",),
        AT_ONCE | _refusing("client", "450 4.7.25 Client host rejected: cannot find your reverse hostname"),
    ),
    "refuses our name": House(
        "127.0.1.6", ("nome.com.br",), AT_ONCE | _refusing("helo", "550 5.7.1 Helo command rejected: Host not found")
    ),
    "refuses our sender": House(
        "127.0.1.7", ("remetente.com.br",), AT_ONCE | _refusing("sender", "550 5.1.8 Sender domain not found")
    ),
    "wants authentication": House(
        "127.0.1.8", ("autentica.com.br",), AT_ONCE | _refusing("sender", "530 5.7.0 Authentication required")
    ),
    "busy": House(
        "127.0.1.9", ("ocupado.com.br",), AT_ONCE | _refusing("client", "421 4.3.2 Service currently unavailable")
    ),
    "counts connections": House("127.0.1.10", ("limitado.com.br",), {"smtpd_client_connection_rate_limit": "1"}),
    "tarpit at the banner": House(
        "127.0.1.11", ("lento.com.br",), AT_ONCE | {"smtpd_client_restrictions": "sleep 8, permit"}
    ),
    "tarpit at RCPT": House("127.0.1.12", ("piche.com.br",), {"smtpd_recipient_restrictions": "sleep 8, permit"}),
    "slow": House("127.0.1.13", ("vagaroso.com.br",), {"smtpd_helo_restrictions": "sleep 1, permit"}),
    "greylists whom it knows": House(
        "127.0.1.14",
        ("cinza.com.br",),
        {"smtpd_recipient_restrictions": f"reject_unlisted_recipient, {POSTGREY}"},
    ),
    "greylists everybody": House(
        "127.0.1.15",
        ("neblina.com.br",),
        {"smtpd_recipient_restrictions": f"{POSTGREY_FIRST}, reject_unlisted_recipient"},
    ),
    "insists on encryption": House(
        "127.0.1.16", ("cofre.com.br",), CERTIFICATE | {"smtpd_tls_security_level": "encrypt"}
    ),
    "insists, and cannot": House(
        "127.0.1.17",
        ("cofreroto.com.br",),
        CERTIFICATE | {"smtpd_tls_security_level": "encrypt", "smtpd_tls_mandatory_protocols": "=TLSv1"},
    ),
    "offers, and cannot": House(
        "127.0.1.18",
        ("vidro.com.br",),
        CERTIFICATE | {"smtpd_tls_security_level": "may", "smtpd_tls_protocols": "=TLSv1"},
    ),
    "insists, and does not offer": House(
        "127.0.1.19",
        ("segredo.com.br",),
        CERTIFICATE | {"smtpd_tls_security_level": "encrypt", "smtpd_discard_ehlo_keywords": "starttls"},
    ),
    "says what it is told": House("127.0.1.20", ("teatro.com.br",), {}, REPLIES),
    "hangs up after three errors": House("127.0.1.21", ("breve.com.br",), {"smtpd_hard_error_limit": "3"}),
    "one recipient a session": House("127.0.1.22", ("avara.com.br",), {"smtpd_recipient_limit": "1"}),
    "full disk": House("127.0.1.23", ("disco.com.br",), {"queue_minfree": "900000000000000"}),
    "its policy service is down": House(
        "127.0.1.24",
        ("quebrado.com.br",),
        {
            "smtpd_recipient_restrictions": "check_policy_service inet:127.0.0.1:1, reject_unlisted_recipient",
            "smtpd_policy_service_try_limit": "1",
        },
    ),
    "ASCII only": House("127.0.1.25", ("ascii.com.br",), {"smtputf8_enable": "no"}),
    "Gmail": House(
        "127.0.1.26",
        ("gmail.com",),
        {},
        {"depressa": REPLIES["depressa"], "ninguem": "550 5.1.1 The email account that you tried does not exist"},
        "gmail-smtp-in.l.google.com",
    ),
    "Outlook, consumers": House(
        "127.0.1.27",
        ("hotmail.com",),
        {},
        {"ninguem": "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)"},
        "hotmail-com.olc.protection.outlook.com",
    ),
    "Outlook, tenants": House(
        "127.0.1.28",
        ("inquilina.com.br",),
        {},
        {"ninguem": "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)"},
        "inquilina-com-br.mail.protection.outlook.com",
    ),
    "Yahoo": House("127.0.1.29", ("yahoo.com.br",), {"virtual_mailbox_maps": "static:x"}, {}, "mta5.am0.yahoodns.net"),
}  # fmt: skip

KNOWN_HERE = (
    "fulano", "beltrano", "joão", "contato", "bcdfghjklm", "p1", "p2", "p3", "p4", "p5", "p6", *REPLIES,
)  # fmt: skip
"""Local parts that exist at every house."""

DEAD = "127.0.1.200"
"""Nobody listens there."""
