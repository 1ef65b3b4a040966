"""The doors that customers' requests come in by, tried from outside: our own intake by SMTP, our own web server."""

from datetime import datetime

from django.conf import settings

from answerable.escalation.drill_queries import DrillLeg
from answerable.lib.addresses import url
from answerable.lib.own_web import post
from answerable.mail.models import Probe
from answerable.mail.probe_out import send

TEXT = "A drill of Answerable: it proves that a P0 pages somebody. No customer waits.\n"


def hand_over(leg: DrillLeg, now: datetime) -> str:
    """Why its door did not take it; "" when it did."""
    return {"mail": _by_mail, "portal": _by_portal}[leg.channel](leg, now)


def _by_mail(leg: DrillLeg, now: datetime) -> str:
    # Never stored: the probe's own rows say whether mail gets through, and a drill is none of them.
    return send(Probe(token=leg.token, sent_at=now), "Drill", TEXT)


def _by_portal(leg: DrillLeg, _now: datetime) -> str:
    return post(settings.WEB_HOST, settings.WEB_PORT, url("portal:drill"), {"token": leg.token, "text": TEXT})
