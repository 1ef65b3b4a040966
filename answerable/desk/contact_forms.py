"""How a person is paged, as their page posts it: a channel more, and when each is used."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from answerable.notify.apprise_out import SERVICES
from answerable.notify.channel_actions import Rule
from answerable.notify.channel_queries import Channel

KINDS = [("webhook", _("Webhook")), ("apprise", _("A service"))]
# Seconds after which a channel is used.
AFTER = (0, 60, 120, 180, 300, 600, 900, 1800, 3600)


class ChannelForm(forms.Form):
    """A channel more. The address is a secret: the field shows nothing, and what was typed never comes back."""

    kind = forms.ChoiceField(label=_("What"), choices=KINDS, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as “my phone”."))
    address = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("https://… for a webhook; for a service its address as apprise writes it, such as pover://…"),
    )


def services() -> str:
    """Whose addresses are taken."""
    return ", ".join(sorted(set(SERVICES.values())))


def rules_of(posted: Mapping[str, str], channels: Sequence[Channel]) -> list[Rule]:
    """What was chosen for each channel; one that is not used has no rule."""
    found = []
    for pk in (None, *(one.pk for one in channels)):
        text = posted.get(f"after-{pk or 'mail'}", "")
        if text.isascii() and text.isdecimal() and len(text) < 6:
            found.append(Rule(pk, int(text)))
    return found
