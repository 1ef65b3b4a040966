"""The languages that articles can be written in, and how PostgreSQL reads each of them."""

from django.utils.translation import gettext_lazy as _

LANGUAGES = {
    "en": _("English"),
    "de": _("German"),
    "fr": _("French"),
    "es": _("Spanish"),
    "it": _("Italian"),
    "nl": _("Dutch"),
    "pt": _("Portuguese"),
    "sv": _("Swedish"),
    "da": _("Danish"),
    "nb": _("Norwegian"),
    "fi": _("Finnish"),
    "pl": _("Polish"),
    "cs": _("Czech"),
    "tr": _("Turkish"),
    "ru": _("Russian"),
    "uk": _("Ukrainian"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "zh": _("Chinese"),
}
# Others are read word by word: PostgreSQL brings no stems for them.
_STEMS = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "sv": "swedish",
    "da": "danish",
    "nb": "norwegian",
    "fi": "finnish",
    "tr": "turkish",
    "ru": "russian",
}


def stems_of(locale: str) -> str:
    """The text search configuration for a language."""
    return _STEMS.get(locale, "simple")


def known(locale: str) -> str:
    """The language that a browser's or form's tag means (`de-AT` is `de`); "" for one that we don't have."""
    short = locale.strip().lower().replace("_", "-").split("-", 1)[0]
    return short if short in LANGUAGES else ""
