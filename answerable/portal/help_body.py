"""An article's text as the page shows it: its own pictures in place, and a link at each heading to that very place."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from markupsafe import escape

from answerable.knowledge.queries import Shown
from answerable.lib.html import safe, to_text, with_images

_HEADING = re.compile(r'<h([23]) id="([\w-]+)">(.*?)</h\1>', re.DOTALL)


def body(shown: Shown, files: Mapping[int, str]) -> str:
    """The HTML. Pictures from elsewhere stay without an address: nothing is loaded from other places."""
    return safe(_HEADING.sub(_linked, with_images(shown.html, files)))


def _linked(found: re.Match[str]) -> str:
    level, anchor, inner = found.groups()
    label = escape(_("Link to “%(title)s”") % {"title": to_text(inner).strip()})
    link = f'<a class="help-anchor" href="#{anchor}" aria-label="{label}">#</a>'
    return f'<h{level} id="{anchor}">{inner} {link}</h{level}>'
