"""One Postfix, and postgrey beside it, in a directory of their own: never the machine's configuration or queue."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.deliverability.name_server import NotInstalled, running
from tests.rig.houses import KNOWN_HERE, House

PATIENCE = 30.0  # seconds for all houses to greet

MAIN = """compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.rig
mydomain = rig
mydestination =
mynetworks = 10.255.255.255/32
local_recipient_maps =
virtual_mailbox_domains = texthash:{home}/domains
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_transport = discard:
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
anvil_rate_time_unit = 3600s
smtpd_peername_lookup = no
in_flow_delay = 0
smtputf8_enable = yes
alias_maps =
alias_database =
"""

SERVICES = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

PUBLIC_QUEUES = {"public": 0o710, "maildrop": 0o1730}
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")


@contextmanager
def mail_servers(home: Path, houses: Mapping[str, House], port: int, places: Mapping[str, str]) -> Iterator[None]:
    """All ``houses`` on ``port`` until the block ends. ``places`` are filled into their options: ``{name}`` → text.
    ``home`` must be open to other users: Postfix gives up root's rights."""
    master = Path("/usr/lib/postfix/sbin/master")
    if not master.exists():
        raise NotInstalled("Postfix is needed: apt-get install postfix")
    _configure(home, houses, port, places)
    _make_queue(home)
    with running([str(master), "-c", str(home / "etc"), "-d"], home / "master.log") as process:
        for house in houses.values():
            _wait_for(house.address, port, process, home / "mail.log")
        yield


@contextmanager
def greylisting(database: Path, port: int, delay: int, action: str) -> Iterator[None]:
    """postgrey on ``port``; whoever it has put off by ``action`` is let in after ``delay`` seconds."""
    program = shutil.which("postgrey", path="/usr/sbin:/usr/bin")
    if program is None:
        raise NotInstalled("postgrey is needed: apt-get install postgrey")
    database.mkdir()
    shutil.chown(database, "postgrey", "postgrey")
    options = ["--user=postgrey", "--group=postgrey", f"--dbdir={database}", f"--delay={delay}"]
    log = database.with_suffix(".log")
    lists = ["--whitelist-clients=/dev/null", "--whitelist-recipients=/dev/null", "--auto-whitelist-clients=0"]
    command = [
        program,
        f"--inet=127.0.0.1:{port}",
        f"--greylist-action={action}",
        f"--pidfile={database}/pid",
        *options,
        *lists,
    ]
    with running(command, log) as process:
        _wait_for("127.0.0.1", port, process, log)
        yield


def _configure(home: Path, houses: Mapping[str, House], port: int, places: Mapping[str, str]) -> None:
    (home / "etc").mkdir()
    _make_certificate(home / "tls")
    domains = [domain for house in houses.values() for domain in (*house.domains, *house.also)]
    (home / "domains").write_text("".join(f"{domain} x\n" for domain in domains), encoding="utf-8")
    known = [f"{local}@{domain} x\n" for domain in domains for local in KNOWN_HERE]
    (home / "mailboxes").write_text("".join(known), encoding="utf-8")
    (home / "etc" / "main.cf").write_text(MAIN.format(home=home), encoding="utf-8")
    lines = [SERVICES]
    for number, house in enumerate(houses.values()):
        lines.append(f"{house.address}:{port} inet n - n - - smtpd\n")
        options = dict(house.options)
        if house.replies:
            table = home / f"replies{number}"
            rows = [f"{local}@{domain} {reply}\n" for domain in house.domains for local, reply in house.replies.items()]
            table.write_text("".join(rows), encoding="utf-8")
            told = f"check_recipient_access texthash:{table}, reject_unlisted_recipient"
            options["smtpd_recipient_restrictions"] = told
        lines += [f"  -o {{ {name} = {_filled(value, places)} }}\n" for name, value in options.items()]
    (home / "etc" / "master.cf").write_text("".join(lines), encoding="utf-8")


def _filled(text: str, places: Mapping[str, str]) -> str:
    """Not ``format``: Postfix has braces of its own."""
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _make_queue(home: Path) -> None:
    """What Postfix's installation makes, with the owners that its daemons insist on."""
    owner, group = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    (home / "queue" / "pid").mkdir(parents=True)
    (home / "data").mkdir()
    os.chown(home / "data", owner, -1)
    for name in QUEUES:
        (home / "queue" / name).mkdir(mode=0o700)
        os.chown(home / "queue" / name, owner, -1)
    for name, mode in PUBLIC_QUEUES.items():
        (home / "queue" / name).mkdir()
        os.chown(home / "queue" / name, owner, group)
        (home / "queue" / name).chmod(mode)


def _make_certificate(directory: Path) -> None:
    directory.mkdir()
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=mx.rig"]
    files = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem")]
    subprocess.run([*command, *files], check=True, capture_output=True)


def _wait_for(address: str, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((address, port), 1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    raise RuntimeError(f"nobody listens at {address}:{port}\n{text[-3000:]}")
