"""Addresses of what hangs on a request or an article, for what sends no token: a picture, a frame, a download. Each
holds for one minute, for one session and one thing; access is asked again when it is fetched.
"""

from django.core import signing
from django.utils.translation import gettext as _

from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.widget.models import Session

SECONDS = 60
_SALT = "widget.address"
FILE, SHEET, ARTICLE_FILE = "file", "sheet", "article_file"


def address(row: Session, kind: str, number: int, pk: int) -> str:
    """Where this session may fetch a file, or a laid-out mail, of the request or article with this number."""
    token = signing.dumps([row.pk, kind, number, pk], salt=_SALT)
    return url(f"widget:{kind}", key=row.product, number=number, pk=pk, token=token)


def session_id(token: str, kind: str, number: int, pk: int) -> int:
    """Whose address it is. Raises Refused if it is of something else, or too old."""
    try:
        row_id, *what = signing.loads(token, salt=_SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        what = []
    if what != [kind, number, pk]:
        raise Refused("not_found", _("This address is over. Please open it again."))
    return int(row_id)
