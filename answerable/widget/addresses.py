"""Addresses of what hangs on a request, for what sends no token: a picture, a frame, a download. Each holds for one
minute, for one session and one thing; access is asked again when it is fetched.
"""

from django.core import signing

from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.widget.models import Session

SECONDS = 60
_SALT = "widget.address"
FILE, SHEET = "file", "sheet"


def address(row: Session, kind: str, number: int, pk: int) -> str:
    """Where this session may fetch this file, or a laid-out mail, of a request within the next minute."""
    token = signing.dumps([row.pk, kind, number, pk], salt=_SALT)
    return url(f"widget:{kind}", key=row.product, number=number, pk=pk, token=token)


def session_id(token: str, kind: str, number: int, pk: int) -> int:
    """Whose address it is. Raises Refused if it is of something else, or too old."""
    try:
        row_id, *what = signing.loads(token, salt=_SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        what = []
    if what != [kind, number, pk]:
        raise Refused("not_found", "This address is over. Please open it from the request again.")
    return int(row_id)
