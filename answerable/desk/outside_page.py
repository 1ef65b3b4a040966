"""An outside tool as the page of administrators shows it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_policy import ALERTMANAGER, EVENTS_V2, WEBHOOK
from answerable.lib.addresses import url
from answerable.notify.tool_out import secret_of


@dataclass(frozen=True)
class Shown:
    """`kind`: in words. `missing`: environment variables that this server does not have. `address`: what the tool
    calls, "" where it is not listened to. `paste`: for its own configuration."""

    tool: OutsideTool
    kind: str
    is_told: bool
    missing: tuple[str, ...]
    address: str
    paste: str


def shown(tool: OutsideTool, portal: str) -> Shown:
    """As it stands. `portal`: what our addresses begin with."""
    names = [name for name in (tool.key_variable, tool.secret_variable) if name]
    address = f"{portal}{url('desk:outside_called', key=tool.key)}" if tool.secret_variable else ""
    return Shown(
        tool=tool,
        kind=_kind(tool.kind),
        is_told=tool.kind != ALERTMANAGER,
        missing=tuple(name for name in names if not secret_of(name)),
        address=address,
        paste=_ALERTMANAGER % address if tool.kind == ALERTMANAGER else "",
    )


def _kind(kind: str) -> str:
    known = {EVENTS_V2: _("PagerDuty, or what takes its events"), WEBHOOK: _("Webhook")}
    return known.get(kind, _("Prometheus Alertmanager"))


# For alertmanager.yml; the token is read from a file there.
_ALERTMANAGER = """receivers:
  - name: answerable
    webhook_configs:
      - url: %s
        send_resolved: true
        http_config:
          authorization:
            credentials_file: /etc/alertmanager/answerable-token"""
