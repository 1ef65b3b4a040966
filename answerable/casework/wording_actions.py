"""Administrators change what mails say: checked, kept as a version, and taken back to any earlier one."""

from datetime import datetime

from django.utils.translation import gettext as _

from answerable.casework.wordings import LANGUAGE, MAILS, of_the_file
from answerable.lib.errors import Refused
from answerable.mail.models import Wording
from answerable.mail.queries import wording_version
from answerable.mail.wording import problems
from answerable.mail.wording_actions import keep_wording
from answerable.people.models import Person, Role
from answerable.people.queries import actor_of


def change_wording(admin: Person, key: str, text: str, seen: int, now: datetime) -> Wording:
    """Say it so from now on. Raises Refused where something is wrong, or somebody changed it since `seen`."""
    _may(admin, key)
    text = text.replace("\r\n", "\n").replace("\x00", "").strip("\n") + "\n"
    wrong = problems(text, MAILS[key].places)
    if wrong:
        raise Refused("wrong", str(wrong[0]))
    return _keep(admin, key, text, seen, now)


def restore_wording(admin: Person, key: str, version: int | None, seen: int, now: datetime) -> Wording:
    """Go back to a version, or (None) to the built-in text; itself a version, so it can be undone too."""
    _may(admin, key)
    if version is None:
        return _keep(admin, key, "", seen, now)
    row = wording_version(key, LANGUAGE, version)
    if row is None:
        raise Refused("not_found", _("There is no such version."))
    if not row.text:
        return _keep(admin, key, "", seen, now)
    return change_wording(admin, key, row.text, seen, now)


def _may(admin: Person, key: str) -> None:
    if not admin.is_staff or admin.role != Role.ADMIN:
        raise Refused("not_allowed", _("Only administrators change what mails say."))
    if key not in MAILS:
        raise Refused("not_found", _("There is no such mail."))
    if of_the_file() is not None:
        raise Refused("file_owned", _("The file support.toml owns what mails say: change it there."))


def _keep(admin: Person, key: str, text: str, seen: int, now: datetime) -> Wording:
    row = keep_wording(key, LANGUAGE, text, actor_of(admin), seen=seen, now=now)
    if row is None:
        raise Refused("conflict", _("Somebody has changed this text meanwhile: look at theirs first."))
    return row
