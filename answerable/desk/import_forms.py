"""What the posts of the import page may hold."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.lib.tables import MOST_BYTES

_FILE = forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"})


class ImportForm(forms.Form):
    """One of the files, or both."""

    organizations = forms.FileField(label=gettext_lazy("Organizations"), required=False, widget=_FILE)
    people = forms.FileField(label=gettext_lazy("People"), required=False, widget=_FILE)

    def clean(self) -> dict[str, Any]:
        """None that is too large to be looked at."""
        data = super().clean() or {}
        for name in ("organizations", "people"):
            file = data.get(name)
            if isinstance(file, UploadedFile) and (file.size or 0) > MOST_BYTES:
                size = {"most": MOST_BYTES // 2**20, "size": f"{(file.size or 0) / 2**20:.1f}"}
                self.add_error(name, _("It has %(size)s MB, and %(most)s at most can be imported at once.") % size)
        if not self.errors and not data.get("organizations") and not data.get("people"):
            self.add_error(None, _("Choose a file of organizations, of people, or both."))
        return data

    def content(self, name: str) -> bytes | None:
        """The file's bytes, once it is valid; None where it was not chosen."""
        file = self.cleaned_data.get(name)
        return bytes(file.read()) if file else None


class ApplyForm(forms.Form):
    """Which plan was shown."""

    digest = forms.RegexField(regex="[0-9a-f]{64}")
