"""Plays the demo's requests: each step is one verb of casework, at its own moment in the past."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from answerable.casework import actions as casework
from answerable.casework import clock_actions, note_actions
from answerable.lib.html import from_markdown, from_text
from answerable.ops.demo import script
from answerable.ops.demo.paging import answer
from answerable.ops.demo.script import File, Request, Step
from answerable.people.models import Organization, Person, Team
from answerable.sla.queries import terms
from answerable.tickets.actions import Message, Opening, Upload
from answerable.tickets.models import Ticket


@dataclass(frozen=True)
class Stage:
    """Persons by their key, the organization of each customer, the teams of the policy."""

    persons: Mapping[str, Person]
    homes: Mapping[str, Organization]
    teams: Mapping[str, Team]


def play(requests: Iterable[Request], stage: Stage, now: datetime) -> None:
    """Everything in the order in which it happened, so that numbers and ids run with the time."""
    moments = sorted(
        ((before, -place, request) for request in requests for place, (before, _) in enumerate(request.moments())),
        key=lambda moment: (moment[0], moment[1]),
        reverse=True,
    )
    scenes: dict[str, _Scene] = {}
    for before, place, request in moments:
        scene = scenes.setdefault(request.subject, _Scene(request, stage, now))
        if place:
            scene.step(request.story[-place - 1], now - before)
        else:
            scene.open(now - before)


class _Scene:
    """One request on the stage."""

    def __init__(self, request: Request, stage: Stage, now: datetime) -> None:
        self._request = request
        self._stage = stage
        self._now = now
        self._ticket: Ticket | None = None

    def open(self, at: datetime) -> None:
        request, persons = self._request, self._stage.persons
        opening = Opening(
            subject=request.subject,
            requester=persons[request.by],
            organization=self._stage.homes.get(request.by),
            team=self._stage.teams.get(request.team),
            severity=request.severity or terms().default_severity,
            channel=request.channel,
            stated_severity=request.severity,
            impact=request.impact,
        )
        message = self._message(request.text, request.files, request.by, request.channel)
        copies = casework.Copies(cc=tuple(persons[key] for key in request.cc))
        self._ticket = casework.open_ticket(opening, message, at, copies)
        answer(self._ticket.pk, at)

    def step(self, step: Step, at: datetime) -> None:
        """The verb that this step stands for."""
        assert self._ticket is not None
        if isinstance(step, script.Swept):
            clock_actions.look(self._ticket.pk, at)
        elif isinstance(step, script.Closed):
            assert casework.close_for_good(self._ticket.pk, at)
        elif isinstance(step, script.Wrote | script.Answered):
            self._speak(step, self._ticket.pk, at)
        else:
            self._act(step, self._ticket.pk, at)
            answer(self._ticket.pk, at)

    def _speak(self, step: script.Wrote | script.Answered, pk: int, at: datetime) -> None:
        who = self._stage.persons[step.who]
        if isinstance(step, script.Answered):
            message = self._message(step.text, step.files, step.who, "desk")
            casework.add_reply(who, pk, message, at, casework.Next(step.then, step.why))
            return
        # Who used the public form answers to the mail that they got.
        channel = "mail" if self._request.channel == "form" else self._request.channel
        casework.add_reply(who, pk, self._message(step.text, step.files, step.who, channel), at)

    def _act(
        self,
        step: script.Noted | script.Determined | script.Stated | script.Assigned | script.Moved,
        pk: int,
        at: datetime,
    ) -> None:
        who = self._stage.persons[step.who]
        match step:
            case script.Noted():
                note_actions.add_note(who, pk, step.text, at)
            case script.Determined():
                casework.determine_severity(who, pk, step.severity, step.why, at)
            case script.Stated():
                casework.state_severity(who, pk, step.severity, step.impact, at)
            case script.Assigned():
                team = self._stage.teams.get(step.team or self._request.team)
                casework.assign(who, pk, self._stage.persons[step.to], team, at)
            case script.Moved():
                casework.set_status(who, pk, step.status, at, step.why)

    def _message(self, text: str, files: tuple[File, ...], who: str, channel: str) -> Message:
        person = self._stage.persons[who]
        text = script.told(text, self._now, person.zone)
        return Message(
            text=text,
            new_text=text,
            html=from_markdown(text) if person.is_staff else from_text(text),
            channel=channel,
            files=tuple(Upload(file.name, "text/plain", file.content.encode()) for file in files),
        )
