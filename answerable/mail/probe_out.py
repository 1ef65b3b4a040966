"""Hand a probe to our own intake by SMTP, as any other server would."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address

from django.conf import settings

from answerable.mail.models import Probe
from answerable.mail.queries import addresses, instance_id
from answerable.mail.room_actions import probe_address

_PATIENCE_SECONDS = 20


def send(probe: Probe) -> str:
    """Why it could not be handed over; "" when it was."""
    try:
        with smtplib.SMTP(_host(), settings.SMTP_PORT, timeout=_PATIENCE_SECONDS) as smtp:
            smtp.sendmail("", [probe_address(probe)], bytes(message(probe)))
    except (smtplib.SMTPException, OSError) as error:
        return f"{_host()}:{settings.SMTP_PORT}: {error}"
    return ""


def _host() -> str:
    """Who listens on every address of this machine is reached on its own."""
    try:
        address = ip_address(settings.SMTP_HOST)
    except ValueError:
        return str(settings.SMTP_HOST)
    return {4: "127.0.0.1", 6: "::1"}[address.version] if address.is_unspecified else str(address)


def message(probe: Probe) -> EmailMessage:
    """It says that it is ours and automatic, so that one which went astray is set aside as a loop (E-44)."""
    made = EmailMessage(policy=SMTP)
    made["From"] = made["To"] = probe_address(probe)
    made["Subject"] = "Probe"
    made["Date"] = format_datetime(probe.sent_at)
    made["Message-ID"] = f"<probe.{probe.token}@{addresses().reply_domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Answerable-Instance"] = instance_id()
    made.set_content("A message of Answerable to itself: it proves that mail gets through.\n")
    return made
