"""The shape of support.toml. Fields are called what the file calls them; durations are seconds, sizes bytes.

docs/policy.md is the reference, default.toml explains each line. A new key goes into all three.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, get_args

from django.conf import settings
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, field_validator, model_serializer
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from answerable.lib.worktime import Calendar as Hours
from answerable.policy.values import (
    Address,
    After,
    Count,
    Duration,
    HandOff,
    Host,
    HttpsAddress,
    Key,
    Label,
    LabelValues,
    Line,
    Link,
    MailDomain,
    Paged,
    PersonAddress,
    Promise,
    Sentence,
    Share,
    Switch,
    Text,
    Variable,
    Warn,
    WebAddress,
    Zone,
    show_duration,
)
from answerable.policy.widget_values import Colour, Origin, Pem, Vouched

Level = Literal["P0", "P1", "P2", "P3"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Metric = Literal["first_response", "next_response", "periodic_update", "resolution"]
METRICS: tuple[Metric, ...] = get_args(Metric)


class Section(BaseModel):
    """A table of the file: nothing in it that we don't know, and no change once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _local_address() -> str:
    return f"http://127.0.0.1:{settings.WEB_PORT}"


class Vendor(Section):
    """[vendor]: who gives the support. Without a portal address, links lead to this machine's own port."""

    name: Line
    product: Line
    support_address: Address
    portal_address: WebAddress = Field(default_factory=_local_address)
    time_zone: Zone = "UTC"
    locale: Literal["en"] = "en"


class Inbox(Section):
    """[inbox.<key>]: an address that takes mail, and what its mail becomes."""

    address: Address
    aliases: tuple[Address, ...] = ()
    team: Key
    severity: Level | None = None
    acknowledge: Switch = True
    trusted_authserv: tuple[Line, ...] = ()
    known_contacts_only: Switch = False
    acknowledge_generated: Switch = False
    generated_counts: Switch = False
    acknowledge_forwards: Switch = False
    trusted_relays: tuple[Address, ...] = ()
    members_find: Switch = False
    verify_senders: Switch = False


class Mailbox(Section):
    """[mailbox.<key>]: an IMAP folder whose mail is taken for an inbox. Secrets are named, and stand in no file."""

    inbox: Key
    host: Host
    port: Annotated[Count, Field(ge=1, le=65_535)] | None = None
    tls: Literal["ssl", "starttls", "none"] = "ssl"
    user: Line
    folder: Line = "INBOX"
    after: After = "leave"
    auth: Literal["password", "oauth2"] = "password"
    password_variable: Variable | None = None
    token_url: HttpsAddress | None = None
    client_id: Line | None = None
    client_secret_variable: Variable | None = None
    refresh_token_variable: Variable | None = None
    scope: Line | None = None


class Mail(Section):
    """[mail]: settings of mail in and out. Without a reply domain, replies go to the support address's domain.

    `reply_mark`: what people answer begins with a line above which to do so. `probe`: a message to ourselves every
    five minutes. `keep_…`: how long bytes are kept that nothing came of. `texts`: what mails say, by kind; with the
    table, be it empty, the file owns them all, without it the desk does.
    """

    reply_domain: MailDomain | None = None
    reply_mark: Switch = False
    probe: Switch = False
    keep_discarded: Duration = 30 * 86_400
    keep_automatic: Duration = 90 * 86_400
    texts: dict[Key, Text] | None = None


class Team(Section):
    """[teams.<key>]: a team of staff.

    `about`: what it is for, on the support page; `assign`: by which rule its requests get an assignee; `most_open`: how
    many open ones a member may hold by it; `paging`: whom its P0s page.
    """

    name: Line
    about: Sentence | None = None
    restricted: Switch = False
    assign: Literal["none", "round_robin", "load"] = "none"
    most_open: Annotated[Count, Field(ge=1, le=1000)] | None = None
    paging: Key | None = None


def _read_pair(value: object) -> tuple[str, str]:
    try:
        Hours.read({"tz": "UTC", "weekly": {"mon": [value]}})
    except ValueError:
        raise ValueError('a pair of different times such as ["09:00", "17:00"]') from None
    assert isinstance(value, list)
    return value[0], value[1]


def _read_date(value: object) -> str:
    """TOML has dates of its own; we take those and the same in quotes."""
    text = value.isoformat() if type(value) is date else value
    try:
        Hours.read({"tz": "UTC", "weekly": {}, "dates_off": [text]})
    except ValueError:
        raise ValueError("a date such as 2026-12-25") from None
    return str(text)


Pair = Annotated[tuple[str, str], BeforeValidator(_read_pair)]
CivilDate = Annotated[str, BeforeValidator(_read_date)]


class Calendar(Section):
    """[calendars.<key>]: opening hours, in the shape that lib.worktime reads (sla contract §2).

    `name`: what customers read; it counts for no clock.
    """

    name: Line | None = None
    tz: Zone
    always_open: Switch = False
    weekly: dict[Day, tuple[Pair, ...]] | None = None
    dates_off: tuple[CivilDate, ...] = ()
    special: dict[CivilDate, tuple[Pair, ...]] = {}

    @property
    def spec(self) -> dict[str, object]:
        """What the engine is given, in JSON's types."""
        if self.always_open:
            return {"tz": self.tz, "always_open": True}
        return {
            "tz": self.tz,
            "weekly": {day: [list(pair) for pair in pairs] for day, pairs in (self.weekly or {}).items()},
            "dates_off": list(self.dates_off),
            "special": {day: [list(pair) for pair in pairs] for day, pairs in self.special.items()},
        }


class Promises(Section):
    """[promises]: what stops one, what a change does to one under way, when one is at risk (sla contract §1.4, §3)."""

    pausable: tuple[Metric, ...] = ("periodic_update", "resolution")
    retarget: Literal["from_change", "keep_elapsed"] = "from_change"
    warnings: Annotated[tuple[Warn, ...], Field(max_length=5)] = ("25%", "1800s")


class Severity(Section):
    """[severities.P0] to P3: what the level means, and what is promised on it. A promise that is absent is not made.

    `pausable`: what stands still on this level while a request waits; None: what [promises] says.
    """

    name: Line
    meaning: Sentence
    examples: tuple[Sentence, ...] = ()
    first_response: Promise
    next_response: Promise = None
    periodic_update: Promise = None
    resolution: Promise = None
    calendar: Key
    pausable: tuple[Metric, ...] | None = None


class Terms(Section):
    """[plans.<key>.severities.<level>]: what a plan promises instead. Only what is written here differs."""

    first_response: Promise = None
    next_response: Promise = None
    periodic_update: Promise = None
    resolution: Promise = None
    calendar: Key | None = None

    @field_validator("calendar", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if value is None:
            raise ValueError("the key of a calendar")
        return value

    @model_serializer(mode="wrap")
    def _written(self, whole: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {key: value for key, value in whole(self).items() if key in self.model_fields_set}


class Plan(Section):
    """[plans.<key>]: what an organization bought."""

    name: Line
    severities: dict[Level, Terms] = {}


class Rung(Section):
    """[[escalation.levels]]: one level of the ladder, from the lowest, and who holds it: all that are named, together.

    `team`: "own" is the request's; with `roles`, of that team those alone. `schedule`: whoever is on call by it.
    """

    name: Line
    role: Sentence
    people: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    roles: tuple[Literal["agent", "lead", "csm", "admin"], ...] = ()
    team: Key | None = None
    schedule: Key | None = None


class Automatic(Section):
    """[[escalation.automatic]]: a broken promise that moves a request to a level by itself."""

    metric: Metric
    severities: Annotated[tuple[Level, ...], Field(min_length=1)]
    level: Annotated[Count, Field(ge=1, le=9)]


_MINUTE, _HOUR = 60, 3600
ACK: dict[Level, int] = {"P0": 15 * _MINUTE, "P1": 30 * _MINUTE, "P2": 2 * _HOUR, "P3": 4 * _HOUR}
AGAIN: dict[Level, int | None] = {"P0": 30 * _MINUTE, "P1": 2 * _HOUR, "P2": 8 * _HOUR, "P3": 24 * _HOUR}


def _over(known: Mapping[Level, object]) -> BeforeValidator:
    """What is written for some severities; the others keep what is `known`."""

    def merged(value: object) -> object:
        return (
            {**{key: _again(seconds) for key, seconds in known.items()}, **value} if isinstance(value, dict) else value
        )

    return BeforeValidator(merged)


def _again(seconds: object) -> str:
    return "none" if seconds is None else show_duration(int(str(seconds)))


class Escalation(Section):
    """[escalation]: the ladder. Level 0 is the assigned representative, the first of `levels` is level 1.

    `confirm_timeout`: until the representative has answered; `ack_timeout`: until a level has acknowledged; `ack_ttl`:
    until it is asked again where no answer came; `min_interval`: between two levels; `max_open`: at once for an
    organization. `managed` as of [on_call].
    """

    managed: Literal["file", "desk"] = "file"
    levels: Annotated[tuple[Rung, ...], Field(min_length=1, max_length=9)]
    confirm_timeout: Annotated[dict[Level, Duration], _over(ACK)] = ACK
    ack_timeout: Annotated[dict[Level, Duration], _over(ACK)] = ACK
    ack_ttl: Annotated[dict[Level, Promise], _over(AGAIN)] = AGAIN
    min_interval: Duration = 4 * _HOUR
    repeat_every: Duration = 15 * _MINUTE
    max_repeats: Annotated[Count, Field(ge=0, le=100)] = 3
    fallback: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    csm: Switch = True
    show_names: Switch = True
    max_open: Annotated[Count, Field(ge=1, le=1000)] = 3
    automatic: Annotated[tuple[Automatic, ...], Field(max_length=40)] = ()


class OnCallLayer(Section):
    """[[on_call.<key>.layers]]: people who take turns, from the highest layer to the lowest (sla contract §5)."""

    name: Line
    participants: Annotated[tuple[PersonAddress, ...], Field(max_length=50)]
    unit: Literal["day", "week"] = "week"
    length: Annotated[Count, Field(ge=1, le=366)] = 1
    handoff: HandOff = "09:00"
    start: CivilDate
    restriction: dict[Day, tuple[Pair, ...]] | None = None


class OnCall(Section):
    """[on_call.<key>]: who is on call when. `managed` "desk": what stands here begins it, then a page says it."""

    name: Line
    tz: Zone
    managed: Literal["file", "desk"] = "file"
    p0: Switch = False
    layers: Annotated[tuple[OnCallLayer, ...], Field(max_length=10)] = ()

    @property
    def spec(self) -> dict[str, object]:
        """What the engine is given, in JSON's types."""
        return {"tz": self.tz, "layers": [_spec(layer) for layer in self.layers]}


def _spec(layer: OnCallLayer) -> dict[str, object]:
    hours = layer.restriction
    return {
        "name": layer.name,
        "participants": list(layer.participants),
        "unit": layer.unit,
        "length": layer.length,
        "handoff": layer.handoff,
        "start": layer.start,
        "restriction": None if hours is None else {day: [list(p) for p in pairs] for day, pairs in hours.items()},
    }


Wait = Annotated[Duration, Field(ge=60, le=86_400)]


class PagingStep(Section):
    """[[paging.<key>.steps]]: who is paged together, and how long it is their turn."""

    who: Annotated[tuple[Paged, ...], Field(max_length=10)]
    wait: Wait = 600


class Paging(Section):
    """[paging.<key>]: who is paged, step by step, until somebody answers (sla contract §5).

    `managed` as of [on_call].
    """

    name: Line | None = None
    managed: Literal["file", "desk"] = "file"
    every: Wait = 300
    rounds: Annotated[Count, Field(ge=1, le=9)] = 1
    outside: Annotated[tuple[Key, ...], Field(max_length=5)] = ()
    steps: Annotated[tuple[PagingStep, ...], Field(max_length=20)]


class Drill(Section):
    """[drill]: a test P0 each week that pages whoever is on call. Without a zone it is the vendor's; `team`: whose
    paging is tried, without it that of P0s without a team."""

    enabled: Switch = False
    day: Day = "tue"
    at: HandOff = "10:00"
    zone: Zone | None = None
    team: Key | None = None


class OutsideRoute(Section):
    """[[outside.<key>.routes]]: alerts whose labels have these values are for this team, and as severe as this."""

    match: Annotated[dict[Label, LabelValues], Field(min_length=1, max_length=20)]
    team: Key | None = None
    severity: Level | None = None


class Outside(Section):
    """[outside.<key>]: a tool that is told of alerts and may answer, or whose alerts become ours (decision 0052)."""

    kind: Literal["events_v2", "webhook", "alertmanager"]
    name: Line
    region: Literal["us", "eu"] | None = None
    url: HttpsAddress | None = None
    key_variable: Variable | None = None
    secret_variable: Variable | None = None
    may_acknowledge: Switch = False
    people: Annotated[dict[Line, PersonAddress], Field(max_length=500)] = {}
    team: Key | None = None
    severity: Level | None = None
    routes: Annotated[tuple[OutsideRoute, ...], Field(max_length=100)] = ()


class Uptime(Section):
    """[uptime]: the share of time for which the product is promised to be up, exact."""

    commitment: Share


class SupportLink(Section):
    """[[support_page.links]]: something that helps without asking us."""

    name: Line
    address: Link
    about: Sentence | None = None


class SupportPage(Section):
    """[support_page]: what the public support page says besides what the policy promises.

    `sentence`: its heading; without it one is made of the promises. `kept`: how well response promises were kept in
    the last 90 days is published.
    """

    sentence: Sentence | None = None
    kept: Switch = False
    links: Annotated[tuple[SupportLink, ...], Field(max_length=20)] = ()


class Channels(Section):
    """[channels]: ways in that can be closed."""

    mail: Switch = True
    form: Switch = True
    widget: Switch = True


class WidgetKey(Section):
    """[[widget.<key>.keys]]: what tokens of the product's host are checked with; two at once while they change."""

    id: Line | None = None
    secret_variable: Variable | None = None
    public_key: Pem | None = None


class Widget(Section):
    """[widget.<key>]: a product in whose pages our support center stands, and whom its host may vouch for."""

    name: Line
    origins: Annotated[tuple[Origin, ...], Field(min_length=1, max_length=20)]
    brand: Colour | None = None
    algorithm: Literal["HS256", "RS256"] = "HS256"
    keys: Annotated[tuple[WidgetKey, ...], Field(max_length=2)] = ()
    vouches_for: Annotated[tuple[Vouched, ...], Field(max_length=500)] = ()


class FormField(Section):
    """[form.fields.<key>]: what the form asks besides. `asked_for`: only of who states one of these levels."""

    label: Line
    help: Sentence | None = None
    kind: Literal["text", "paragraph", "choice", "number", "date", "checkbox"] = "text"
    options: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    required: Switch = False
    shown_to: Literal["everyone", "signed_in"] = "everyone"
    asked_for: tuple[Level, ...] = ()


class Form(Section):
    """[form]: limits of the public form, in requests an hour, and what the form asks besides, in the file's order."""

    per_address: Annotated[Count, Field(ge=1, le=100_000)] = 5
    per_network: Annotated[Count, Field(ge=1, le=100_000)] = 20
    fields: Annotated[dict[Key, FormField], Field(max_length=20)] = {}


class Accounts(Section):
    """[accounts]: who gets one by proving an address. Free mail is the addresses that anybody can have."""

    sign_up: Switch = True
    unknown_domains: Literal["allow", "refuse"] = "allow"
    free_mail: Literal["allow", "refuse"] = "allow"
    staff_mfa: Literal["required", "optional"] = "optional"


class Tickets(Section):
    """[tickets]: rules that hold for every request."""

    reopen_window: Duration = 14 * 86_400
    cc_outside: Literal["ask", "allow", "refuse"] = "ask"
    requester_may_hide: Switch = True
    mail_links: Literal["read", "log_in"] = "read"
    undo_seconds: Annotated[Count, Field(ge=0, le=60)] = 5


class Csat(Section):
    """[csat]: whether, when and how often a requester is asked how the help was, once their request is solved."""

    ask: Switch = False
    after: Duration = 86_400
    every: Duration = 30 * 86_400
    change_within: Duration = 7 * 86_400
    exempt_channels: tuple[Literal["mail", "portal", "form", "desk", "widget", "api"], ...] = ()
    exempt_organizations: Annotated[tuple[Key, ...], Field(max_length=500)] = ()


class Policy(Section):
    """The whole of support.toml, and the text that it was read from."""

    vendor: Vendor
    inbox: Annotated[dict[Key, Inbox], Field(min_length=1)]
    mailbox: dict[Key, Mailbox] = {}
    mail: Mail = Mail()
    channels: Channels = Channels()
    form: Form = Form()
    widget: Annotated[dict[Key, Widget], Field(max_length=20)] = {}
    accounts: Accounts = Accounts()
    tickets: Tickets = Tickets()
    csat: Csat = Csat()
    teams: Annotated[dict[Key, Team], Field(min_length=1)]
    calendars: Annotated[dict[Key, Calendar], Field(min_length=1)]
    default_severity: Level
    promises: Promises = Promises()
    severities: dict[Level, Severity]
    default_plan: Key
    plans: Annotated[dict[Key, Plan], Field(min_length=1)]
    escalation: Escalation
    on_call: dict[Key, OnCall] = {}
    paging: dict[Key, Paging] = {}
    outside: dict[Key, Outside] = {}
    p0_team: Key | None = None
    drill: Drill = Drill()
    uptime: Uptime
    support_page: SupportPage = SupportPage()

    _text: str = PrivateAttr(default="")

    def model_post_init(self, context: object, /) -> None:
        """Keep the file's text (handed in as validation context), so that what was applied can be shown later."""
        if isinstance(context, Mapping):
            self._text = str(context.get("text", ""))

    @property
    def text(self) -> str:
        """The file as it was read."""
        return self._text

    @property
    def reply_domain(self) -> str:
        """Where signed reply addresses live."""
        return self.mail.reply_domain or self.vendor.support_address.partition("@")[2]
