"""Hand a probe to our own intake by SMTP, as any other server would."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.conf import settings

from answerable.lib.hosts import reached_at
from answerable.mail.models import Probe
from answerable.mail.queries import addresses, instance_id
from answerable.mail.room_actions import probe_address

_PATIENCE_SECONDS = 20
_TEXT = "A message of Answerable to itself: it proves that mail gets through.\n"


def send(probe: Probe, subject: str = "Probe", text: str = _TEXT) -> str:
    """Why it could not be handed over; "" when it was."""
    host = reached_at(settings.SMTP_HOST)
    try:
        with smtplib.SMTP(host, settings.SMTP_PORT, timeout=_PATIENCE_SECONDS) as smtp:
            smtp.sendmail("", [probe_address(probe)], bytes(message(probe, subject, text)))
    except (smtplib.SMTPException, OSError) as error:
        return f"{host}:{settings.SMTP_PORT}: {error}"
    return ""


def message(probe: Probe, subject: str = "Probe", text: str = _TEXT) -> EmailMessage:
    """It says that it is ours and automatic, so that one which went astray is set aside as a loop (E-44)."""
    made = EmailMessage(policy=SMTP)
    made["From"] = made["To"] = probe_address(probe)
    made["Subject"] = subject
    made["Date"] = format_datetime(probe.sent_at)
    made["Message-ID"] = f"<probe.{probe.token}@{addresses().reply_domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Answerable-Instance"] = instance_id()
    made.set_content(text)
    return made
