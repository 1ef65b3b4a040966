"""Hand a finished message to the relay named by EMAIL_URL, or keep it in the outbox folder where there is none."""

import contextlib
import hashlib
import os
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from answerable.lib.errors import Undeliverable
from answerable.lib.relay import MailRelay

TIMEOUT_SECONDS = 30


def hand_over(raw: bytes, envelope_from: str, to: str, message_id: str) -> None:
    """Give the message away; it is somebody else's when this returns. Raises Undeliverable."""
    relay: MailRelay | None = settings.MAIL_RELAY
    if relay is None:
        _keep(raw, message_id)
        return
    try:
        with _connection(relay) as smtp:
            smtp.sendmail(envelope_from, [to], raw)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise Undeliverable(f"{code} {_text(answer)}", permanent=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        raise Undeliverable(f"{error.smtp_code} {_text(error.smtp_error)}", permanent=_is_final(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Undeliverable(f"{relay.host}:{relay.port}: {error}", permanent=False) from error


def _is_final(error: smtplib.SMTPResponseException) -> bool:
    # A refused log-in (535) is the operator's to mend: the mail must still be there when they have.
    return error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


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
