"""Hand a finished message to the relay named by EMAIL_URL, or keep it in the outbox folder where there is none."""

import contextlib
import hashlib
import os
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from answerable.lib.errors import Undeliverable
from answerable.lib.relay import MailRelay
from answerable.mail.bounces import answered_status
from answerable.mail.charsets import storable
from answerable.mail.signing import signed

TIMEOUT_SECONDS = 30


class Envelope(NamedTuple):
    """Whom a message comes from and goes to. `instead`: the sender for a relay that takes no empty one (E-91)."""

    sender: str
    to: str
    instead: str = ""


def hand_over(raw: bytes, envelope: Envelope, message_id: str) -> None:
    """Give the message away, signed where there is a key; somebody else's when this returns. Raises Undeliverable."""
    raw = signed(raw, settings.DKIM)
    relay: MailRelay | None = settings.MAIL_RELAY
    if relay is None:
        _keep(raw, message_id)
        return
    try:
        with _connection(relay) as smtp:
            _send(smtp, raw, envelope)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _refused(code, answer, final=code >= 500, of_recipient=True) from error
    except smtplib.SMTPResponseException as error:
        # At MAIL FROM it is we who are refused: that says nothing of the recipient.
        of_recipient = not isinstance(error, smtplib.SMTPSenderRefused)
        raise _refused(error.smtp_code, error.smtp_error, final=_is_final(error), of_recipient=of_recipient) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Undeliverable(f"{relay.host}:{relay.port}: {error}", permanent=False) from error


def _send(smtp: smtplib.SMTP, raw: bytes, envelope: Envelope) -> None:
    options = []
    if not (envelope.to + envelope.instead).isascii():
        smtp.ehlo_or_helo_if_needed()
        if not smtp.has_extn("smtputf8"):
            raise Undeliverable("the relay takes no addresses with such letters (SMTPUTF8)", permanent=True)
        options = ["SMTPUTF8"]
    try:
        smtp.sendmail(envelope.sender, [envelope.to], raw, options)
    except smtplib.SMTPSenderRefused as error:
        if envelope.sender or not envelope.instead or error.smtp_code < 500:
            raise
        smtp.sendmail(envelope.instead, [envelope.to], raw, options)


def _refused(code: int, answer: bytes | str, *, final: bool, of_recipient: bool) -> Undeliverable:
    text = _text(answer)
    return Undeliverable(f"{code} {text}", permanent=final, status=answered_status(text) if of_recipient else "")


def _is_final(error: smtplib.SMTPResponseException) -> bool:
    # A refused log-in (535) is the operator's to mend: the mail must still be there when they have.
    return error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)


def _text(answer: bytes | str) -> str:
    return storable(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)


@contextlib.contextmanager
def _connection(relay: MailRelay) -> Iterator[smtplib.SMTP]:
    if relay.tls == "ssl":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            relay.host, relay.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        smtp = smtplib.SMTP(relay.host, relay.port, timeout=TIMEOUT_SECONDS)
    with smtp:
        if relay.tls == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if relay.user:
            smtp.login(relay.user, relay.password)
        yield smtp


def _keep(raw: bytes, message_id: str) -> None:
    folder = Path(settings.OUTBOX)
    folder.mkdir(parents=True, exist_ok=True)
    # A retry of the same message writes the same file.
    name = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    draft = folder / f".{name}.{os.getpid()}"
    draft.write_bytes(raw)
    draft.replace(folder / f"{name}.eml")
