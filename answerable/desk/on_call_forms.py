"""What posts about who is on call may hold. Times are the reader's: in a gap its end, in a fold the first pass."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from answerable.lib.stretches import instant, seconds_of
from answerable.lib.wallclock import first_at
from answerable.lib.zones import is_zone

LOCAL = "%Y-%m-%dT%H:%M"
_FORMATS = (LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


class Moment(forms.DateTimeField):
    """A local date and time as an instant: a time that does not exist or comes twice is no error here."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        errors = {"required": _("Say when."), "invalid": _("Say when, as date and time.")}
        super().__init__(widget=widget, error_messages=errors, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        for form in _FORMATS:
            try:
                wall = datetime.strptime(str(value).strip(), form).replace(tzinfo=UTC)
                return instant(first_at(str(timezone.get_current_timezone()), seconds_of(wall)))
            except (ValueError, OverflowError):
                continue
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


class SpanForm(forms.Form):
    """From when to when."""

    start = Moment(label=_("From"))
    end = Moment(label=_("Until"))

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Once it is valid."""
        return self.cleaned_data["start"], self.cleaned_data["end"]


class WithPeople(SpanForm):
    """A span and a colleague; `people`: whom one may choose."""

    def __init__(self, *args: Any, people: Iterable[tuple[int | str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{self.ids}_%s", **kwargs})
        choices = [(str(pk), name) for pk, name in people]
        self.fields["person"] = forms.ChoiceField(label=self.asks, choices=choices)
        self.order_fields(["person", "start", "end", *self.last])

    # Both forms stand on one page, where no id stands twice.
    ids = "id"
    asks: Any = ""
    last: tuple[str, ...] = ("why",)


class OverrideForm(WithPeople):
    """Who is on call then; "nobody" is one of the choices of who arranges schedules."""

    asks = _("Who is on call")
    why = forms.CharField(label=_("Why"), max_length=200, required=False)


class SwapForm(WithPeople):
    """Whom one asks to take a turn, and what one takes for it."""

    ids = "swap"
    asks = _("Whom do you ask")
    last = ("back_start", "back_end", "why")
    back_start = Moment(label=_("In return I take theirs from"), required=False)
    back_end = Moment(label=_("Until"), required=False)
    why = forms.CharField(label=_("What to say"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("back_start")) != bool(given.get("back_end")):
            self.add_error("back_end", _("Say both ends of what you take in return, or none."))
        return given

    @property
    def back(self) -> tuple[datetime, datetime] | None:
        """What is taken in return."""
        start, end = self.cleaned_data["back_start"], self.cleaned_data["back_end"]
        return (start, end) if start and end else None


class TimeOffForm(SpanForm):
    """When somebody is away; a lead says so of others too."""

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(pk), name) for pk, name in people]
        if len(choices) > 1:
            self.fields["person"] = forms.ChoiceField(label=_("Who is away"), choices=choices)
            self.order_fields(["person", "start", "end"])


class NewScheduleForm(forms.Form):
    """A schedule that the desk owns."""

    name = forms.CharField(label=_("Name"), max_length=200)
    tz = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Hand-offs and hours are meant in it, such as Europe/Berlin."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    p0 = forms.BooleanField(
        label=_("It is paged for P0: a time without anybody needs an explicit word"), required=False
    )

    def clean_tz(self) -> str:
        name = str(self.cleaned_data["tz"]).strip()
        if not is_zone(name):
            raise forms.ValidationError(_("No time zone is called so. One is called Europe/Berlin, another UTC."))
        return name
