"""Mail by the city's server, with the message's own id as Message-ID, so that a repetition shows. apprise makes a new id each time."""

from __future__ import annotations

import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from escalation.sending.errors import NotSent, WrongAddress
from escalation.sending.rules import STARTTLS, TLS, Rules, mail_password

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def check(address: str) -> str:
    """A single address of mail. WrongAddress for a list, a name beside it, or what breaks a header."""
    found = address.strip()
    if len(found) > 200 or not _ADDRESS.fullmatch(found):
        raise WrongAddress(why_zh="须形如 name@example.com", why_en="it looks like name@example.com")
    return found


def message(rules: Rules, id_: str, to: str, subject: str, text: str, at: datetime, locale: str) -> EmailMessage:
    """The mail. The same id makes the same Message-ID, wherever and whenever it is sent."""
    host = rules.mail_from.rpartition("@")[2]
    made = EmailMessage(policy=SMTP)
    made["Subject"] = " ".join(subject.split())
    made["From"] = Address(rules.mail_names[locale == "en"], addr_spec=rules.mail_from)
    made["To"] = Address(addr_spec=to)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{id_}@{host}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(text)
    made["Content-Language"] = locale  # after the content, which takes such headers for its own
    return made


def send(rules: Rules, made: EmailMessage) -> None:
    """Hand it to the server. NotSent when that was not reached or did not take it; its own words say why."""
    if not rules.mail_host or not rules.mail_from:
        raise NotSent("no mail server is set")
    try:
        with _connect(rules) as server:
            if rules.mail_login:
                server.login(rules.mail_login, mail_password())
            server.send_message(made)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(f"{rules.mail_host}: {_said(error)}") from error


def _connect(rules: Rules) -> smtplib.SMTP:
    if rules.mail_security == TLS:
        return smtplib.SMTP_SSL(
            rules.mail_host, rules.mail_port, timeout=rules.timeout, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(rules.mail_host, rules.mail_port, timeout=rules.timeout)
    if rules.mail_security == STARTTLS:
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _said(error: Exception) -> str:
    """What went wrong, without the addresses that a server repeats."""
    code: int
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return f"{type(error).__name__}: {error}"[:300]
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return _ADDRESS.sub("…", f"SMTP {code} {said}")[:300]
