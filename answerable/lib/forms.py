"""Forms whose only face is a button or a composer: what is wrong becomes one sentence."""

from typing import Any

from django import forms

from answerable.lib.errors import Refused


def checked(form: forms.Form) -> dict[str, Any]:
    """The clean values. Raises Refused with the first thing that is wrong."""
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else ""
    raise Refused("invalid", f"{label or name.replace('_', ' ').capitalize()}: {errors[0]}", field=name)
