"""What the forms about articles and sections may hold. Choices are handed in: a form asks the database nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from answerable.desk.article_words import audience_words, who_reads
from answerable.desk.on_call_forms import Moment
from answerable.knowledge.actions import Place, Text
from answerable.knowledge.languages import LANGUAGES
from answerable.knowledge.models import Article
from answerable.knowledge.saving import Then
from answerable.knowledge.section_actions import SectionText
from answerable.lib.errors import Refused
from answerable.lib.forms import checked

Choices = Iterable[tuple[int | str, str]]


def text_in(data: QueryDict) -> Text:
    """What was written."""
    words = {name: data.get(name, "").replace("\x00", "") for name in ("title", "text", "note")}
    return Text(words["title"], words["text"], words["note"])


class _WhenForm(forms.Form):
    publish_at = Moment(label=_("Publish on"))


def then_in(data: QueryDict, seen: int) -> Then:
    """What is wanted of it once it is saved, by who has seen this revision. Raises Refused where no moment is said."""
    what = data.get("then", "")
    at: datetime | None = checked(_WhenForm(data))["publish_at"] if what == "schedule" else None
    return Then(seen, what, at)


class PlaceForm(forms.Form):
    """Where an article stands, who reads it, who looks after it. Who may not decide who reads it isn't asked."""

    section = forms.TypedChoiceField(label=_("Section"), coerce=int)
    position = forms.IntegerField(
        label=_("Place in the section"), min_value=0, max_value=9999, help_text=_("Small numbers come first.")
    )
    audience = forms.ChoiceField(label=_("Who reads it"), widget=forms.RadioSelect)
    owner = forms.TypedChoiceField(label=_("Who looks after it"), coerce=int, empty_value=None, required=False)
    review_on = forms.DateField(
        label=_("Look at it again on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    labels = forms.CharField(
        label=_("Labels"), required=False, max_length=1000, help_text=_("With commas. Readers find it by these too.")
    )

    def __init__(self, *args: Any, sections: Choices, owners: Choices, may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "place_%s", **kwargs})
        self._choose("section", sections)
        self._choose("owner", [("", str(_("Nobody"))), *owners])
        self._choose("audience", [(key, f"{words}. {who_reads(key)}") for key, words in audience_words().items()])
        if not may_publish:
            del self.fields["audience"]

    def _choose(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def place(self, article: Article, organizations: frozenset[int]) -> Place:
        """What was chosen; who reads it stays where that was not asked."""
        data = self.cleaned_data
        return Place(
            section=data["section"],
            audience=data.get("audience", article.audience),
            organizations=organizations,
            owner=data["owner"],
            review_on=data["review_on"],
            labels=tuple(data["labels"].split(",")),
            position=data["position"],
        )


def initial_of(article: Article) -> dict[str, object]:
    """The form as the article stands."""
    return {
        "section": article.section_id,
        "position": article.position,
        "audience": article.audience,
        "owner": article.owner_id,
        "review_on": article.review_on,
        "labels": ", ".join(article.labels),
    }


def section_in(data: QueryDict, position: int, external_id: str = "") -> SectionText:
    """A section as its form says. `title:de`: its title in German."""
    titles = {locale: data.get(f"title:{locale}", "") for locale in LANGUAGES}
    parent = data.get("parent", "")
    if parent and not (parent.isascii() and parent.isdecimal() and len(parent) < 18):
        raise Refused("invalid", str(_("A section cannot stand there.")))
    return SectionText(
        title=data.get("title", "").replace("\x00", ""),
        description=data.get("description", "").replace("\x00", ""),
        parent=int(parent) if parent else None,
        position=position,
        titles={locale: words.replace("\x00", "") for locale, words in titles.items()},
        external_id=external_id,
    )
