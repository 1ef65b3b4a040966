"""The verbs of the ladder. Each is one transaction on the locked request; the rules are `escalation.ladder`'s."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.audit.actions import system
from answerable.casework.actions import begin
from answerable.casework.ladder_rules import rules
from answerable.casework.ladder_steps import Case, house_of, waived
from answerable.casework.settle import settle
from answerable.escalation import episodes, ladder
from answerable.escalation.ladder import ASKED, SETTLING, WAITING, Cause
from answerable.lib.errors import Refused
from answerable.people.models import Person, Role
from answerable.tickets import access
from answerable.tickets.access import Standing
from answerable.tickets.actions import Change
from answerable.tickets.models import Ticket

MOST_WORDS = 2_000


@dataclass(frozen=True)
class Stake:
    """What a customer says to begin with: what is at stake, by when; when they spoke otherwise, and what came of it."""

    stake: str
    by_when: str = ""
    spoke_when: str = ""
    spoke_what: str = ""

    @property
    def words(self) -> str:
        """As the log keeps it."""
        stake, by_when = _clean(self.stake), _clean(self.by_when)
        return _("%(stake)s (by when: %(by_when)s)") % {"stake": stake, "by_when": by_when} if by_when else stake

    @property
    def spoke(self) -> str:
        """The same of what was spoken; "" for nothing."""
        when, what = _clean(self.spoke_when), _clean(self.spoke_what)
        return f"{when}: {what}" if when and what else ""


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()[:MOST_WORDS]


def ask(person: Person, ticket_id: int, said: Stake, now: datetime) -> Ticket:
    """Begin at step 0, or say more while somebody is waited for. Level 1 is asked at once where step 0 is waived, or
    was spoken otherwise."""
    with transaction.atomic():
        change, standing = _begin(person, ticket_id, now)
        _check(said)
        case = Case(change)
        _require_ladder(case)
        waiver = waived(change)
        if not case.ladder.is_open:
            if not acts_for_them(standing):
                _guard(change.ticket)
            ladder.open_step_0(case.move, person.pk, said.words, waiver=waiver, spoke=said.spoke)
        elif case.ladder.stage == ASKED and (waiver or said.spoke):
            ladder.leave_step_0(case.move, person.pk, waiver=waiver, spoke=said.spoke)
        else:
            ladder.join(case.move, person.pk, said.words)
        case.write()
        return settle(change, "escalate")


def _begin(person: Person, ticket_id: int, now: datetime) -> tuple[Change, Standing]:
    change, standing = begin(person, ticket_id, now)
    access.require(access.may_escalate(standing), _("You can read this request. To escalate it, ask to be CC'd."))
    if not change.ticket.is_open:
        raise Refused("solved", _("This request is solved. Reopen it first, then it can be escalated."))
    return change, standing


def acts_for_them(standing: Standing) -> bool:
    """Staff for a customer; on a request of their own they are one."""
    return standing.works_it and not standing.requester


def _check(said: Stake) -> None:
    if not _clean(said.stake):
        raise Refused("stake_missing", _("Not sent: say what is at stake. Whoever reads it has to know what to weigh."))
    if bool(_clean(said.spoke_when)) != bool(_clean(said.spoke_what)):
        words = _("Not sent: say when you spoke and what came of it. Without both, the representative is asked first.")
        raise Refused("spoke_blank", words)


def _require_ladder(case: Case) -> None:
    if not case.rules.top:
        raise Refused("no_ladder", _("There is no escalation here. Answer the request, and it reaches the team."))


def _guard(ticket: Ticket) -> None:
    """So many at once. One house takes turns, so that two at the same time are not both the last one."""
    most = rules().max_open
    if ticket.severity == "P0":
        return
    house = house_of(ticket)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"ladder {house}"])
    count = len(episodes.open_in([house]))
    if count < most:
        return
    csm = ticket.organization.csm if ticket.organization else None
    said = ngettext(
        "Not sent: %(num)s escalation is open already, as many as there may be at once.",
        "Not sent: %(num)s escalations are open already, as many as there may be at once.",
        count,
    ) % {"num": count}
    helps = _("Close one that is settled, or ask %(csm)s, who can begin one for you.") % {
        "csm": csm.label if csm else _("the support team")
    }
    raise Refused("too_many", f"{said} {helps}", open=count)


def raise_level(person: Person, ticket_id: int, why: str, now: datetime, *, last: int | None = None) -> Ticket:
    """The next level, for a customer where the rules let them; for staff at any time, and with a reason. `last`: the
    newest row of the log that they have seen, so that two at once, or one who presses twice, go up one level."""
    with transaction.atomic():
        change, standing = _begin(person, ticket_id, now)
        case = Case(change)
        _require_ladder(case)
        if last is not None and last != case.last:
            raise Refused("conflict", moved())
        why = _clean(why)
        if not why:
            raise Refused("reason_missing", _("Not sent: say why it should go to the next level. The level reads it."))
        if acts_for_them(standing):
            ladder.raise_level(case.move, person.pk, why)
        else:
            _raise_for_customer(case, person, why)
        case.write()
        return settle(change, "escalate")


def _raise_for_customer(case: Case, person: Person, why: str) -> None:
    refused = ladder.may_raise(case.ladder, case.world)
    if refused == "waiting":
        ladder.join(case.move, person.pk, why)
    elif refused:
        raise Refused(f"not_yet_{refused}", why_not_yet(case, refused))
    else:
        ladder.raise_level(case.move, person.pk, why)


def why_not_yet(case: Case, refused: str) -> str:
    """The reason, as the customer reads it."""
    if refused == "asked":
        return _("Not sent: your representative has been asked, and still has time to answer.")
    if refused == "interval":
        at = f"{ladder.next_at(case.ladder, case.world):%-d %B, %H:%M}"
        return _("Not sent: somebody has it. The next level can be had from %(at)s UTC on.") % {"at": at}
    return _("Not sent: this request is not escalated. Say first what is at stake.")


def confirm(person: Person, ticket_id: int, words: str, now: datetime, *, understood: bool) -> Ticket:
    """The representative has understood what is at stake, or says why not."""
    with transaction.atomic():
        case, _standing = _staff(person, ticket_id, now)
        if not may_confirm(case, person):
            raise Refused("not_allowed", _("The representative confirms, or who holds a level above."))
        words = _clean(words)
        if not understood and not words:
            raise Refused("reason_missing", _("Say what is not clear, or why not: the customer reads it."))
        ladder.confirm(case.move, person.pk, words, understood=understood)
        return _written(case, "confirm_impact")


def may_confirm(case: Case, person: Person) -> bool:
    """The assigned representative, and whoever holds a level."""
    if person.pk == case.change.ticket.assignee_id:
        return True
    return any(person.pk in case.world.people(level) for level in range(1, case.rules.top + 1))


def acknowledge(person: Person, ticket_id: int, now: datetime, how: str = "") -> Ticket:
    """Somebody of the level, or of one above, has it; `how`: by the "link" of a page, or by answering it ("mail"). Once
    more changes nothing."""
    with transaction.atomic():
        case, standing = _staff(person, ticket_id, now)
        if not may_acknowledge(case, person, standing):
            raise Refused("not_allowed", _("Whoever holds this level, or one above, acknowledges it."))
        ladder.acknowledge(case.move, person.pk, how)
        return _written(case, "acknowledge")


def may_acknowledge(case: Case, person: Person, standing: Standing) -> bool:
    """The customer success manager drives the ladder, and acknowledges nothing."""
    return standing.works_it and not standing.csm and ladder.may_ack(case.ladder, case.world, person.pk)


def may_drive(case: Case, person: Person, standing: Standing) -> bool:
    """Take it down and propose to close it: who has it, whoever holds this level or one above, and the CSM."""
    if standing.csm and person.role == Role.CSM:
        return standing.works_it
    has_it = case.ladder.acked_by == person.pk
    return standing.works_it and (has_it or ladder.may_ack(case.ladder, case.world, person.pk))


def lower(person: Person, ticket_id: int, level: int, why: str, now: datetime) -> Ticket:
    """Any number of levels down, with a reason that both sides read."""
    with transaction.atomic():
        case = _driven(person, ticket_id, now)
        why = _clean(why)
        if not why:
            raise Refused("reason_missing", _("Say why it goes down: the customer reads it."))
        if not 0 <= level < case.ladder.level:
            raise Refused("conflict", _("It no longer stands above that level. Look at it again."))
        ladder.lower(case.move, person.pk, level, why)
        return _written(case, "de_escalate")


def propose(person: Person, ticket_id: int, summary: str, now: datetime) -> Ticket:
    """A summary to close the escalation with: the customer accepts it, or answers by the next level."""
    with transaction.atomic():
        case = _driven(person, ticket_id, now)
        summary = _clean(summary)
        if not summary:
            raise Refused("reason_missing", _("Say what was done and what holds now: the customer decides by it."))
        if not case.ladder.is_open or case.ladder.stage in {ASKED, WAITING}:
            raise Refused("answer_first", _("Acknowledge it first: somebody is waiting for that."))
        ladder.propose(case.move, person.pk, summary)
        return _written(case, "propose_close")


def settle_it(person: Person, ticket_id: int, now: datetime, *, accepts: bool) -> Ticket:
    """The customer accepts the summary, or withdraws what they began: the episode is over."""
    with transaction.atomic():
        change, standing = _begin(person, ticket_id, now)
        access.require(may_settle(standing), _("The customer accepts, or takes it to the next level."))
        case = Case(change)
        if accepts != (case.ladder.stage == SETTLING):
            raise Refused("conflict", moved())
        ladder.end(case.move, "accepted" if accepts else "withdrawn", person.pk)
        return _written(case, "close_escalation")


def may_settle(standing: Standing) -> bool:
    """It is the customer's to end it: no colleague of ours who is CC'd does it for them."""
    return standing.takes_part and not acts_for_them(standing)


def moved() -> str:
    """Somebody else was there in between."""
    return _("Not done: the escalation has moved meanwhile. Load the page again to see where it stands.")


def _driven(person: Person, ticket_id: int, now: datetime) -> Case:
    case, standing = _staff(person, ticket_id, now)
    if not may_drive(case, person, standing):
        raise Refused("not_allowed", _("Whoever has it, holds this level or one above, or the CSM may do this."))
    return case


def _staff(person: Person, ticket_id: int, now: datetime) -> tuple[Case, Standing]:
    change, standing = begin(person, ticket_id, now)
    access.require(access.may_see_notes(standing))
    return Case(change), standing


def _written(case: Case, verb: str) -> Ticket:
    """Nothing is stored where nothing moved."""
    return settle(case.change, verb) if case.write() else case.change.ticket


def answer_by_mail(person: Person, ticket_id: int, episode_id: int, words: str, now: datetime) -> bool:
    """What was written to the address of one purpose (E-41): the next level of that episode, if it may be had."""
    episode = episodes.episode(episode_id)
    if episode is None or episode.ticket_id != ticket_id or not episode.is_open or not words.strip():
        return False
    try:
        with transaction.atomic():
            raise_level(person, ticket_id, words, now)
    except Refused:
        return False  # what they wrote stands on the request all the same
    return True


def lapse(ticket_id: int, now: datetime) -> bool:
    """Move on what nobody took in time: once, whoever of several workers comes first. False where there is nothing."""
    with transaction.atomic():
        ticket = access.lock_unless_held(ticket_id)
        if ticket is None:
            return False
        change = Change(ticket=ticket, actor=system("escalation"), at=max(now, ticket.last_event_at))
        case = Case(change)
        if not ticket.is_open:
            ladder.end(case.move, "request")
        if not case.move.steps and not ladder.lapse(case.move):
            if case.ladder.episode:  # the timer was behind the log
                episodes.keep(ticket.pk, house_of(ticket), case.ladder, change.at)
            return False
        case.write()
        settle(change, "move_ladder")
        return True


def open_level(ticket_id: int, level: int, cause: str, now: datetime) -> bool:
    """A level by itself, as for a P0 whose page nobody answered ("paging"). Never down; False where it was there."""
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        change = Change(ticket=ticket, actor=system("escalation"), at=max(now, ticket.last_event_at))
        case = Case(change)
        if not ticket.is_open or case.ladder.level >= level or level > case.rules.top:
            return False
        ladder.climb(case.move, level, Cause(cause))
        case.write()
        settle(change, "move_ladder")
        return True
