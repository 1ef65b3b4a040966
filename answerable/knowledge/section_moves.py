"""Sections change places, and come back from the archive."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.knowledge.access import may_publish
from answerable.knowledge.models import Section
from answerable.knowledge.section_actions import may_stand
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of


def move_section(by: Person, pk: int, step: int, now: datetime) -> Section:
    """One place up (-1) or down (1) among its siblings; at the end it stays. Sections of a parent are numbered anew."""
    _require_publisher(by)
    with transaction.atomic():
        section = _find(pk)
        rows = Section.objects.select_for_update().filter(parent=section.parent_id, archived_at__isnull=True)
        siblings = list(rows.order_by("position", "title", "pk"))
        at = next((at for at, one in enumerate(siblings) if one.pk == pk), None)
        if at is None or not 0 <= at + step < len(siblings):
            return section
        siblings.insert(at + step, siblings.pop(at))
        for position, one in enumerate(siblings, 1):
            one.position = position
        Section.objects.bulk_update(siblings, ["position"])
        record(actor_of(by), "move_section", ("section", pk), now, step=step)
    return section


def bring_section_back(by: Person, pk: int, now: datetime) -> Section:
    """Where it stood; at the top where its parent was put away, or is too deep by now."""
    _require_publisher(by)
    with transaction.atomic():
        section = _find(pk)
        if section.archived_at is not None:
            section.archived_at = None
            if not may_stand(section, section.parent_id):
                section.parent_id = None
            section.save(update_fields=["archived_at", "parent"])
            record(actor_of(by), "bring_section_back", ("section", pk), now)
    return section


def _find(pk: int) -> Section:
    section = Section.objects.select_for_update().filter(pk=pk).first()
    if section is None:
        raise Refused("not_found", _("There is no such section."))
    return section


def _require_publisher(by: Person) -> None:
    if not may_publish(by):
        raise Refused("not_allowed", _("Leads and administrators arrange the help center."))
