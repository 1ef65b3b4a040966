"""Every URL × every role has its expected answer here; a URL that is missing fails (DESIGN.md §5)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from answerable.audit.actions import system
from answerable.casework import actions as casework
from answerable.casework.bulk_actions import prepare as prepare_bulk
from answerable.casework.bulk_actions import start as start_bulk
from answerable.casework.canned_actions import Spec, write
from answerable.casework.draft_actions import Written, put_aside, send_later
from answerable.casework.drill_actions import begin as begin_drill
from answerable.casework.grant_actions import revoke
from answerable.casework.held_actions import hold
from answerable.casework.incident_updates import Update
from answerable.casework.incident_updates import prepare as prepare_update
from answerable.casework.linking_actions import link
from answerable.casework.links import reading
from answerable.casework.note_actions import Jotted, jot
from answerable.casework.page_links import page_token
from answerable.casework.shift_actions import write_hand_over
from answerable.casework.view_actions import make_view
from answerable.casework.work import deliver
from answerable.escalation.alert_actions import NewAlert, acknowledge, raise_alert, reopen
from answerable.escalation.feeds import token_of_schedule
from answerable.escalation.outside_policy import OutsideSpec, apply_outside
from answerable.escalation.override_actions import override
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy_actions import Wanted, make_policy
from answerable.escalation.schedule_actions import edit_layers, make_schedule
from answerable.escalation.swap_actions import Trade, ask_swap
from answerable.knowledge.actions import Place, Text, publish
from answerable.knowledge.actions import begin as begin_article
from answerable.knowledge.file_actions import add_files
from answerable.knowledge.models import Audience, Translation
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.lib.uploads import Received
from answerable.live.access import read
from answerable.mail import parse
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.notify.channel_actions import add_channel
from answerable.notify.models import Delivery, Notice
from answerable.people.absence_actions import plan_time_off
from answerable.people.actions import GrantTerms, contact, grant, make_person
from answerable.people.import_actions import keep
from answerable.people.models import Domain, Grant, StandingCC
from answerable.people.sso_actions import OIDC, set_up
from answerable.people.wall_actions import make_wall_link, token_of
from answerable.policy.models import Applied
from answerable.policy.read import SHIPPED
from answerable.tickets.actions import Upload
from answerable.tickets.drafts import Draft
from answerable.tickets.held import Held
from answerable.tickets.models import Attachment, Event, Participant, Reply, Ticket
from answerable.tickets.notes import NoteFile
from answerable.tickets.viewing import built_in
from answerable.widget.tests.stage import policy as widget_policy
from tests.cast import NOW, Cast, a_ticket, ladder, says

ROLES = [
    "anonymous",
    "requester",
    "colleague",
    "reader",
    "no_grant",
    "stranger",
    "agent",
    "lead",
    "csm",
    "other_csm",
    "admin",
]

# One letter a role, in the order of ROLES: 2 = 200, 3 = 302 back to the page, l = to the log-in, 4 = 404, f = 403,
# r = 422 refused with words, c = 409 something changed meanwhile, 5 = 405, u = 401 without a signature.
PUBLIC = "22222 2 22222"
SIGNED_IN = "l2222 2 22222"
SEES = "l2224 4 22222"
STAFF = "l4444 4 22222"
ADMIN = "l4444 4 44442"
LEAD = "l4444 4 42442"
# The widget knows nobody by a cookie, whoever is logged in.
NOBODY = "uuuuu u uuuuu"
STAFF_POST = "l4444 4 33333"
ADMIN_POST = "l4444 4 44443"
CARE_POST = "l4444 4 ff3f3"
WORK_POST = "l4444 4 33ff3"
# With somebody else's eyes, once that has begun: staff alone, and nothing but their lists and requests.
EYES = "l4444 4 22222"
TAKES_PART_POST = "l33f4 4 33333"

GET: dict[str, str] = {
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "desk:queue": STAFF,
    "desk:view": STAFF,
    "desk:view_new": STAFF,
    "desk:view_edit": LEAD,
    "desk:live": STAFF,
    "desk:bulk_runs": STAFF,
    "desk:bulk_run": STAFF,
    "desk:history": STAFF,
    "desk:search": STAFF,
    "desk:palette": STAFF,
    "desk:ticket": STAFF,
    "desk:explain": STAFF,
    "desk:file": STAFF,
    "desk:sheet": STAFF,
    "desk:held_sheet": STAFF,
    # It has no picture from elsewhere; who gets one is in desk/tests/test_mail_shown.py.
    "desk:picture": "l4444 4 44444",
    "desk:unsent": STAFF,
    "desk:begun": STAFF,
    "desk:colleagues": STAFF,
    "desk:note_file": STAFF,
    "desk:canned_menu": STAFF,
    "desk:canned": STAFF,
    "desk:canned_new": STAFF,
    "desk:canned_one": STAFF,
    "desk:articles": STAFF,
    "desk:article_new": STAFF,
    "desk:article": STAFF,
    "desk:article_revisions": STAFF,
    "desk:article_searches": STAFF,
    "desk:article_organizations": STAFF,
    "desk:sections": STAFF,
    "desk:ticket_articles": STAFF,
    "desk:ticket_article_words": STAFF,
    "desk:article_from_ticket": "l4444 4 22ff2",
    # Its article is for whoever is signed in: to anybody else it isn't there.
    "portal:help_file": "42222 2 22222",
    "desk:others": STAFF,
    "desk:came": STAFF,
    "desk:alerts": STAFF,
    "desk:drills": STAFF,
    "desk:drill_new": LEAD,
    "desk:alert": STAFF,
    "desk:ticket_alert": STAFF,
    "desk:contacts": STAFF,
    "desk:outside": ADMIN,
    "desk:widget": ADMIN,
    "desk:page_link": PUBLIC,
    "desk:push_worker": PUBLIC,
    "desk:push_manifest": PUBLIC,
    "desk:shift": STAFF,
    "desk:shift_now": STAFF,
    "desk:team_shift": STAFF,
    "desk:hand_over": STAFF,
    "desk:hand_over_new": "l4444 4 22ff2",
    "desk:here_rows": STAFF,
    "desk:notices": STAFF,
    "desk:notices_badge": STAFF,
    "desk:notices_fresh": STAFF,
    "desk:wishes": STAFF,
    "desk:on_call": STAFF,
    "desk:on_call_one": STAFF,
    "desk:on_call_new": "l4444 4 f2ff2",
    "desk:on_call_layers": "l4444 4 f2ff2",
    "desk:on_call_calendar": PUBLIC,
    "desk:paging": STAFF,
    "desk:paging_one": STAFF,
    "desk:paging_new": ADMIN,
    "desk:paging_edit": ADMIN,
    "desk:ladder_policy": STAFF,
    "desk:ladder_policy_edit": ADMIN,
    "desk:wall": STAFF,
    "desk:wall_links": ADMIN,
    "desk:wall_screen": PUBLIC,
    "desk:policy": STAFF,
    "desk:policy_replans": STAFF,
    "desk:policy_versions": STAFF,
    "desk:policy_version": STAFF,
    "desk:organizations": STAFF,
    "desk:my_organizations": STAFF,
    "desk:organization": STAFF,
    "desk:organization_new": ADMIN,
    "desk:people": STAFF,
    "desk:person": STAFF,
    "desk:person_merge": ADMIN,
    "desk:standing_new": "l4444 4 ff2f2",
    "desk:grant_new": "l4444 4 ff2f2",
    "desk:grant_over": "l4444 4 ff2f2",
    "desk:standing_over": "l4444 4 ff2f2",
    "desk:mail": ADMIN,
    "desk:message": ADMIN,
    "desk:raw": ADMIN,
    "desk:senders": ADMIN,
    "desk:sso": "l4444 4 ff2f2",
    "desk:sso_set_up": "l4444 4 ff2f2",
    "desk:domain_proof": "l4444 4 ff2f2",
    "desk:import_new": ADMIN,
    "desk:import_example": ADMIN,
    "desk:import_plan": ADMIN,
    "desk:import_report": ADMIN,
    "desk:outbox": ADMIN,
    "desk:wordings": ADMIN,
    "desk:wording": ADMIN,
    "desk:outbox_message": ADMIN,
    "desk:reports": STAFF,
    "desk:reports_csv": STAFF,
    "desk:broken": STAFF,
    "desk:satisfaction": STAFF,
    "desk:satisfaction_csv": STAFF,
    "desk:what_if": LEAD,
    "account": SIGNED_IN,
    "account_email_verification_sent": PUBLIC,
    "portal:home": PUBLIC,
    "portal:support": PUBLIC,
    "portal:support_json": PUBLIC,
    "portal:robots": PUBLIC,
    "portal:my_requests": SIGNED_IN,
    "portal:cc_requests": SIGNED_IN,
    "portal:organization_requests": SIGNED_IN,
    "portal:live": SIGNED_IN,
    "portal:form": PUBLIC,
    "portal:help": PUBLIC,
    "portal:help_section": PUBLIC,
    # Public; who gets one that is not is in portal/tests/test_help.py and tests/test_help_worlds.py.
    "portal:help_article": PUBLIC,
    "portal:help_feedback": PUBLIC,
    "portal:help_search": PUBLIC,
    "portal:help_latest": PUBLIC,
    "portal:sitemap": PUBLIC,
    # Of nothing that was brought; portal/tests/test_old_addresses.py has who is led where.
    "portal:old_article": "44444 4 44444",
    "portal:old_section": "44444 4 44444",
    "portal:old_category": "44444 4 44444",
    "portal:sent": "44444 4 44444",
    "portal:confirm": "44444 4 44444",
    "portal:rate": "44444 4 44444",
    "portal:ladder_answer": "44444 4 44444",
    "portal:request": SEES,
    "portal:explain": SEES,
    "portal:file": SEES,
    "portal:sheet": SEES,
    "portal:seen:home": "l4444 4 33333",
    "portal:seen:my_requests": EYES,
    "portal:seen:cc_requests": EYES,
    "portal:seen:organization_requests": EYES,
    "portal:seen:request": EYES,
    "portal:seen:explain": EYES,
    "portal:seen:file": EYES,
    "portal:seen:sheet": EYES,
    "portal:seen:nothing": "l4444 4 fffff",
    # Who is logged in as the person whose link it is gets the request's own page.
    "portal:link": "23222 2 22222",
    "portal:link_file": "22222 2 22222",
    "portal:link_sheet": "22222 2 22222",
    "widget:loader": PUBLIC,
    "widget:shell": PUBLIC,
    "widget:home": PUBLIC,
    "widget:search": PUBLIC,
    "widget:ask": PUBLIC,
    # There is no such article, and no demo; the addresses are forged.
    **dict.fromkeys(("widget:article", "widget:demo_product", "widget:file", "widget:sheet"), "44444 4 44444"),
    "widget:article_file": "44444 4 44444",
    **dict.fromkeys(("widget:requests", "widget:request", "widget:file_address"), NOBODY),
    "widget:article_file_address": NOBODY,
    **dict.fromkeys(("widget:live", "widget:news"), NOBODY),
    "desk:links": STAFF,
    "desk:new": "l4444 4 22ff2",
    "desk:near": STAFF,
    "desk:ladder": STAFF,
    # Its entries did not come by mail; who may move one that did is in desk/tests/test_ticket_page.py.
    "desk:entry_move": "l4444 4 44ff4",
    "desk:tag_words": STAFF,
    "desk:aside": "l4444 4 22ff2",
    "desk:set_aside": STAFF,
    "desk:ticket_merge": "l4444 4 22ff2",
    "desk:ticket_link": "l4444 4 22ff2",
    "desk:linked": STAFF,
    "desk:linked_all": STAFF,
    "desk:incident_update": "l4444 4 22ff2",
    "desk:update_run": STAFF,
    # A preview is its maker's own.
    "desk:update_letter": "l4444 4 42444",
    "desk:redact": "l4444 4 22ff2",
}
POST: dict[str, tuple[dict[str, str], str]] = {
    "desk:reply": ({"text": "hello", "status": ""}, STAFF_POST),
    "desk:undo": ({}, "l4444 4 3ffff"),
    "desk:draft_discard": ({}, "l4444 4 3ffff"),
    "desk:note": ({"text": "hello"}, STAFF_POST),
    "desk:begun_save": ({"text": "hello"}, STAFF),
    "desk:begun_look": ({"text": "hello"}, STAFF),
    "desk:begun_attach": ({}, STAFF),
    "desk:begun_detach": ({}, STAFF),
    "desk:canned_put": ({}, STAFF),
    "desk:canned_look": ({"body": "Hello"}, STAFF),
    "desk:canned_create": ({"name": "Hello", "body": "Hello", "scope": "shared"}, "l4444 4 r3rr3"),
    "desk:canned_save": ({"name": "Hello", "body": "Hello", "scope": "shared", "seen": "1"}, "l4444 4 f3ff3"),
    "desk:canned_delete": ({}, "l4444 4 f3ff3"),
    "desk:canned_restore": ({}, "l4444 4 f3ff3"),
    "desk:article_make": ({"title": "Hello", "text": "Hello", "section": "0"}, "l4444 4 rrffr"),
    "desk:article_look": ({"text": "Hello"}, STAFF),
    "desk:article_save": ({"title": "Hello", "text": "Hello", "seen": "1"}, WORK_POST),
    "desk:article_place": ({}, "l4444 4 rrrrr"),
    "desk:article_act": ({}, "l4444 4 f3ff3"),
    "desk:article_attach": ({}, "l4444 4 22ff2"),
    "desk:article_detach": ({}, "l4444 4 22ff2"),
    "desk:section_save": ({"title": "More"}, "l4444 4 f3ff3"),
    "desk:section_act": ({}, "l4444 4 f3ff3"),
    "desk:bulk_prepare": ({"verb": "status", "status": "solved", "all": "yes", "of": "/desk/"}, STAFF_POST),
    # A preview is its maker's own; to take a run back is to preview that.
    "desk:bulk_start": ({}, "l4444 4 43444"),
    "desk:bulk_discard": ({}, STAFF_POST),
    "desk:bulk_undo": ({}, STAFF_POST),
    "desk:history_undo": ({}, WORK_POST),
    "desk:here": ({"tab": "a", "doing": "viewing"}, STAFF),
    # Nothing waits in the agent's team; the lead and the administrator are in none. It was not taken, but answered.
    "desk:take_next": ({}, "l4444 4 3rffr"),
    "desk:put_back": ({}, "l4444 4 ccffc"),
    "desk:hand_over_write": ({"text": "All calm."}, WORK_POST),
    "desk:hand_over_read": ({}, STAFF_POST),
    # The agent wrote the last note; the others have to read it first.
    "desk:shift_take": ({}, "l4444 4 3rffr"),
    "desk:shift_end": ({}, STAFF_POST),
    # It pages the agent.
    "desk:alert_ack": ({}, "l4444 4 3ffff"),
    "desk:alert_again": ({}, WORK_POST),
    "desk:alert_resolve": ({}, WORK_POST),
    # The request of the stage is no P0 that waits; another drill is running.
    "desk:drill_begin": ({}, "l4444 4 frffr"),
    "desk:drill_stop": ({}, "l4444 4 f3ff3"),
    # Its token opens nothing.
    "portal:drill": ({}, "44444 4 44444"),
    "desk:outside_test": ({}, ADMIN_POST),
    # Who somebody is says nothing here: what is not signed by the tool is nobody's.
    "desk:outside_called": ({}, "uuuuu u uuuuu"),
    "desk:contact_rules": ({"after-mail": "0"}, STAFF_POST),
    "desk:contact_add": ({"kind": "webhook", "name": "x", "address": "https://hooks.example.com/x"}, STAFF),
    "desk:contact_test_mail": ({}, STAFF_POST),
    "desk:contact_test": ({}, "l4444 4 34444"),
    "desk:contact_remove": ({}, "l4444 4 34444"),
    "desk:push_key": ({}, STAFF),
    # Not a browser's; those that are, are in desk/tests/test_push.py.
    "desk:push_on": ({}, "l4444 4 rrrrr"),
    "desk:push_renew": ({}, "rrrrr r rrrrr"),
    "desk:away": ({"until": f"{clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M}"}, STAFF_POST),
    "desk:back": ({}, STAFF_POST),
    "desk:status": ({"status": "solved"}, STAFF_POST),
    "desk:assign": ({"assignee": "", "team": ""}, WORK_POST),
    "desk:severity": ({"severity": "P1", "reason": "because"}, WORK_POST),
    "desk:excuse": ({"metric": "first_response", "index": "0", "why": "because"}, "l4444 4 frffr"),
    "desk:cc": ({"decision": "refuse"}, "l4444 4 333f3"),
    "desk:cc_add": ({"address": "new@norrland.test"}, STAFF_POST),
    "desk:cc_remove": ({}, STAFF_POST),
    "desk:links_end": ({}, STAFF_POST),
    "desk:redact_look": ({"text": "stands nowhere"}, "l4444 4 22ff2"),
    "desk:redact_remove": ({"text": "Nothing has loaded", "reason": "because"}, WORK_POST),
    "desk:held": ({"decision": "refuse"}, WORK_POST),
    "desk:new_create": ({}, "l4444 4 44ff4"),
    "desk:entry_move_now": ({"where": "new"}, "l4444 4 44ff4"),
    # Nobody has escalated it: there is nothing to confirm, to take back or to close.
    "desk:ladder_confirm": ({"understood": "on"}, "l4444 4 33ff3"),
    "desk:ladder_ack": ({}, "l4444 4 33ff3"),
    "desk:ladder_climb": ({"why": "the launch"}, "l4444 4 333f3"),
    "desk:ladder_lower": ({"level": "0", "why": "calmer"}, "l4444 4 cccfc"),
    "desk:ladder_propose": ({"why": "done"}, "l4444 4 rrrfr"),
    "portal:ladder_ask": ({"stake": "the launch"}, "l33f4 4 333f3"),
    "portal:ladder_climb": ({"why": "not enough"}, "lrrf4 4 333f3"),
    "portal:ladder_over": ({}, "l33f4 4 fffff"),
    "desk:follow": ({"follow": "yes"}, STAFF_POST),
    "desk:snooze": ({"until": "2126-01-01T09:00"}, "l4444 4 rrrrr"),
    "desk:tags": ({"tags": "a b"}, WORK_POST),
    "desk:fields": ({}, WORK_POST),
    "desk:aside_now": ({}, WORK_POST),
    "desk:aside_back": ({}, "l4444 4 ccccc"),
    "desk:ticket_merge_now": ({"into": "0"}, "l4444 4 44444"),
    "desk:ticket_link_now": ({"to": "0"}, "l4444 4 44444"),
    "desk:unlink": ({}, WORK_POST),
    "desk:linked_undo": ({}, WORK_POST),
    "desk:incident_update_prepare": ({"text": "Mended."}, WORK_POST),
    "desk:update_stop": ({}, "l4444 4 f3ff3"),
    "desk:update_discard": ({}, "l4444 4 43444"),
    "desk:organization_create": ({"name": "Roche", "zone": "UTC"}, ADMIN_POST),
    "desk:organization_edit": ({"name": "Norrland", "zone": "UTC"}, ADMIN_POST),
    "desk:domain_claim": ({"domain": "norrland-energi.test"}, CARE_POST),
    "desk:domain_release": ({}, CARE_POST),
    "desk:domain_ask": ({"domain": "norrland-energi.test"}, CARE_POST),
    "desk:domain_check": ({}, CARE_POST),
    "desk:sso_oidc": ({"server_url": "https://idp.norrland.test", "client_id": "x", "secret": "y"}, ADMIN_POST),
    "desk:sso_saml": ({"metadata": "no XML"}, "l4444 4 4444r"),
    "desk:sso_switch": ({"answer": "no"}, ADMIN_POST),
    "desk:sso_only": ({"answer": "yes"}, "l4444 4 4444r"),
    "desk:sso_remove": ({}, ADMIN_POST),
    "desk:import_check": ({}, "l4444 4 4444r"),
    "desk:import_apply": ({"digest": "0" * 64}, "l4444 4 4444c"),
    "desk:person_suspend": ({"reason": "left"}, ADMIN_POST),
    "desk:person_restore": ({}, ADMIN_POST),
    "desk:person_loosen": ({}, ADMIN_POST),
    "desk:person_lift": ({}, STAFF_POST),
    "desk:mail_again": ({}, WORK_POST),
    "desk:outbox_again": ({}, ADMIN_POST),
    "desk:person_see": ({}, STAFF_POST),
    "desk:person_see_stop": ({}, STAFF_POST),
    "desk:person_merge_now": ({"person": "0"}, ADMIN_POST),
    "desk:standing": ({"person": "0"}, CARE_POST),
    "desk:standing_end": ({}, CARE_POST),
    "desk:sensitive": ({"sensitive": "yes"}, "l4444 4 333f3"),
    "desk:grant": ({"person": "0", "reason": "a report"}, CARE_POST),
    "desk:grant_revoke": ({}, CARE_POST),
    "desk:member_add": ({"address": "new@norrland.test"}, CARE_POST),
    "desk:member_remove": ({}, CARE_POST),
    # The message waits for its turn, and is on no request.
    "desk:mail_release": ({}, "l4444 4 4444c"),
    "desk:mail_attach": ({"number": "1"}, "l4444 4 4444c"),
    "desk:mail_discard": ({}, "l4444 4 4444c"),
    "desk:mail_spam": ({}, "l4444 4 4444c"),
    "desk:mail_unblock": ({}, "l4444 4 4444r"),
    "desk:sender_believe": ({"server": "mx.never.test"}, "l4444 4 4444r"),
    "desk:mail_restore": ({}, "l4444 4 4444c"),
    "desk:mail_make_ticket": ({}, "l4444 4 4444c"),
    "desk:mail_move": ({"where": "new"}, "l4444 4 44444"),
    "desk:mail_retry": ({}, ADMIN_POST),
    "desk:notices_read": ({}, STAFF_POST),
    "desk:notices_seen": ({}, STAFF_POST),
    "desk:wishes_save": ({"zone": "UTC"}, STAFF_POST),
    "desk:on_call_make": ({"name": "Edge", "tz": "UTC"}, "l4444 4 f3ff3"),
    # Nothing is pressed that saves: it says what that would come to.
    "desk:on_call_layers_save": ({"name": "Platform", "tz": "UTC"}, "l4444 4 f2ff2"),
    # A form without a person comes back with words.
    "desk:on_call_override": ({}, "l4444 4 rrrrr"),
    "desk:on_call_override_remove": ({}, "l4444 4 f3ff3"),
    "desk:on_call_swap": ({}, "l4444 4 rrrrr"),
    # The agent asked the lead: nobody else answers, and it is withdrawn by who asked.
    "desk:on_call_swap_answer": ({}, "l4444 4 3ffff"),
    # Leads and administrators also say who.
    "desk:on_call_away": (
        {one: f"{clock.now() + timedelta(days=n):%Y-%m-%dT%H:%M}" for one, n in (("start", 2), ("end", 3))},
        "l4444 4 3r33r",
    ),
    "desk:on_call_away_end": ({}, "l4444 4 33ff3"),
    "desk:on_call_retire": ({}, "l4444 4 f3ff3"),
    "desk:on_call_renew": ({}, STAFF_POST),
    "desk:on_call_renew_one": ({}, "l4444 4 f3ff3"),
    # Nothing is pressed that saves, and a form without a name comes back with words.
    "desk:paging_make": ({}, "l4444 4 4444r"),
    "desk:paging_save": ({}, "l4444 4 4444r"),
    "desk:paging_retire": ({}, ADMIN_POST),
    "desk:ladder_policy_save": ({}, "l4444 4 4444r"),
    "desk:ladder_policy_give_back": ({}, ADMIN_POST),
    "desk:wall_link_make": ({"name": "Team room"}, ADMIN_POST),
    "desk:wall_link_revoke": ({}, ADMIN_POST),
    "desk:notice": ({}, "l4444 4 34444"),
    "desk:view_make": ({"name": "Mine", "f": "1"}, STAFF_POST),
    "desk:view_change": ({"name": "Ours", "scope": "shared", "version": "1"}, "l4444 4 43443"),
    "desk:view_delete": ({}, "l4444 4 f3ff3"),
    "desk:view_restore": ({}, "l4444 4 f3ff3"),
    "desk:wording_look": ({"text": "{{number}} {{link}}"}, ADMIN),
    "desk:wording_save": ({"text": "{{number}} {{link}}"}, ADMIN_POST),
    "desk:wording_restore": ({"version": ""}, ADMIN_POST),
    "desk:compare": ({"text": "[vendor", "days": "30"}, LEAD),
    "widget:begin": ({"token": "forged", "origin": "https://app.vendor.test"}, "fffff f fffff"),
    "widget:demo_token": ({"user": "1"}, "44444 4 44444"),
    "widget:suggestions": ({"subject": "export"}, PUBLIC),
    "widget:helpful": ({"helpful": "yes"}, "44444 4 44444"),
    **{f"widget:{one}": ({"text": "hello"}, NOBODY) for one in ("end", "reply", "close", "seen")},
    "account_end_sessions": ({"session": "others"}, "l3333 3 33333"),
    "portal:reply": ({"text": "hello"}, TAKES_PART_POST),
    "portal:close": ({}, TAKES_PART_POST),
    "portal:reopen": ({}, TAKES_PART_POST),
    "portal:cc_add": ({"address": "new@norrland.test"}, TAKES_PART_POST),
    "portal:cc_remove": ({}, "l33f4 4 33333"),
    "portal:cc_answer": ({"decision": "allow"}, "l3ff4 4 333f3"),
    "portal:cc_ask": ({}, "lff34 4 fffff"),
    "portal:sensitive": ({"sensitive": "yes"}, "l3ff4 4 333f3"),
    "portal:links_end": ({}, "l3344 4 44444"),
    "portal:help_suggestions": ({"subject": "warehouse"}, PUBLIC),
    "portal:severity": ({"severity": "P1", "impact": "much"}, TAKES_PART_POST),
}
# Pages of the log-in library, each tested in its own terms in test_accounts.py, test_sign_up.py, test_second_step.py,
# test_oidc.py and test_saml.py.
ACCOUNTS = {
    "account_login",
    "account_logout",
    "account_sso",
    "socialaccount_login_cancelled",
    "openid_connect_login",
    "openid_connect_callback",
    "saml_login",
    "saml_metadata",
    "saml_acs",
    "saml_finish_acs",
    "saml_sls",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_remove_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_login_webauthn",
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
OF_AN_ORGANIZATION = {
    "desk:organization",
    "desk:organization_edit",
    "desk:domain_claim",
    "desk:domain_ask",
    "desk:member_add",
    "desk:grant_new",
    "desk:grant",
    "desk:standing_new",
    "desk:standing",
}
BEGUN = ("", "_save", "_look", "_attach")
WORDING = ("desk:wording", "desk:wording_look", "desk:wording_save", "desk:wording_restore")
CODES = {"2": 200, "3": 302, "l": 302, "4": 404, "f": 403, "r": 422, "c": 409, "5": 405, "u": 401}


def names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern.url_patterns, inside)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield f"{prefix}{pattern.name}"


@pytest.mark.behaviour("B-34")
def test_every_url_is_in_the_table() -> None:
    known = set(names(get_resolver().url_patterns))
    assert known == GET.keys() | POST.keys() | ACCOUNTS


@pytest.fixture
def stage(cast: Cast) -> dict[str, Any]:
    """A ticket with everything on it that a URL may name."""
    ladder(managed="desk", version=1)
    widget_policy()
    ticket = a_ticket(cast)
    set_up(cast.admin, cast.org, OIDC("https://idp.norrland.test", "answerable", "secret"), NOW)
    incident = a_ticket(cast, subject="The loader hangs")
    link(cast.agent, incident.pk, ticket.pk, "incident_of", NOW)
    updates = [prepare_update(cast.lead, ticket.pk, Update("Mended."), NOW).pk for _run in range(2)]
    start_bulk(cast.lead, updates[0], NOW)
    upload = Upload("log.txt", "text/plain", b"lines")
    from_customer = a_reply_with(cast, ticket, upload)
    jot(cast.agent, ticket.pk, Jotted("internal", (Upload("trace.txt", "text/plain", b"ours"),)), NOW)
    Applied.objects.create(
        version=1, text=SHIPPED.read_text(), sha256="", outline={}, changes=[], applied_at=NOW, applied_by="x"
    )
    assign = {"assignee": cast.lead.pk, "label": cast.lead.label}
    run = start_bulk(cast.lead, prepare_bulk(cast.lead, "assign", assign, [ticket.pk], NOW).pk, NOW)
    preview = prepare_bulk(cast.lead, "status", {"status": "solved", "reason": ""}, [ticket.pk], NOW)
    raw_id = store(
        b"From: x@y.test\r\nSubject: hi\r\n\r\nhello", Arrival("support@vendor.test", "smtp", NOW), lambda _: None
    )
    raw = RawMail.objects.get(pk=raw_id)
    hold(ticket, raw, parse.read(bytes(raw.body)), "non_participant", NOW)
    waits = Participant.objects.create(
        ticket=ticket, person=cast.stranger, role="cc", since=NOW, source="mail", pending=True, added_by=cast.requester
    )
    asks = make_person("rask@norrland.test", "I. Rask", "customer", None, NOW)
    grant(cast.csm, asks, cast.org, GrantTerms("a report"), NOW)
    asked = Participant.objects.create(ticket=ticket, person=asks, role="cc", since=NOW, source="asked", pending=True)
    for let in (send_later, put_aside):
        let(cast.agent, ticket.pk, Written(says("hello", "desk")), NOW)
    drafts = Draft.objects.order_by("id").values_list("pk", flat=True)
    night = Plan((Step((cast.agent.email,), 600),))
    new = NewAlert("x", "P0: request", "P0", f"ticket:{ticket.pk}", ticket_id=ticket.pk, team=cast.cloud)
    alert = raise_alert(new, ("night", night), system("test"), NOW)
    assert alert is not None
    acknowledge(alert, system("test"), "desk", NOW)
    drill = begin_drill(None, system("test"), None, NOW)
    reopen(alert, system("test"), NOW)
    pagerduty = OutsideSpec("pagerduty", "events_v2", "PagerDuty", "https://pd.example/", secret_variable="PATH")
    apply_outside([pagerduty], NOW)
    return {
        "number": ticket.number,
        "drill": drill.pk,
        "view": make_view(cast.lead, replace(built_in()["all"], name="Ours", scope="shared"), NOW).pk,
        "run": run.pk,
        "preview": preview.pk,
        "assigned": Event.objects.filter(ticket=ticket, kind="assigned").latest("id").pk,
        "ticket": ticket.pk,
        "incident": incident.number,
        "linked": Event.objects.get(ticket=ticket, kind="linked").pk,
        "updates": updates,
        "hand_over": write_hand_over(cast.agent, cast.cloud, "Watch #1001.", NOW).pk,
        "alert": alert.pk,
        "page": page_token(alert.pk, cast.agent.pk, clock.now()),
        "channel": add_channel(cast.agent, "webhook", "bridge", "https://hooks.example.com/y", NOW)[0].pk,
        "wall": make_wall_link(cast.admin, "Team room", NOW, initials=True, theme=""),
        **on_call(cast),
        "paging": make_policy(cast.admin, Wanted("Night", night), clock.now()).key,
        "waiting": drafts[0],
        "aside": drafts[1],
        "requester": cast.requester.pk,
        "help": in_the_help_center(cast),
        "link": reading(ticket.pk, cast.requester.pk, clock.now()),
        "asked": asked.pk,
        "reads": cast.colleague.pk,
        "added": Participant.objects.get(ticket=ticket, person=cast.colleague).pk,
        "file": from_customer,
        "entry": Reply.objects.latest("id").pk,
        "note_file": NoteFile.objects.get().pk,
        "canned": write(cast.admin, Spec("Hello", "Hello {{requester.first_name}}"), NOW).pk,
        **an_article(cast),
        "raw": raw_id,
        "delivery": Delivery.objects.earliest("id").pk,
        "domain": Domain.objects.get(name="norrland.test").pk,
        "proven": Domain.objects.create(organization=cast.org, name="proven.norrland.test", verified_at=NOW).pk,
        "import": keep(cast.admin, b"name\nRoche\n", None, clock.now()).pk,
        "member": cast.no_grant.pk,
        "someone": contact("unknown@norrland.test", "", NOW).pk,
        "standing": StandingCC.objects.create(
            person=cast.stranger, organization=cast.org, since=NOW, set_by=cast.csm
        ).pk,
        "grant": Grant.objects.get(person=cast.reader).pk,
        "held": Held.objects.get().pk,
        "cc": waits.pk,
        "notice": Notice.objects.create(
            person=cast.agent,
            kind="breach",
            key="1",
            ticket_id=ticket.pk,
            data={"metric": "first_response", "due_at": NOW.isoformat()},
            at=NOW,
        ).pk,
    }


def on_call(cast: Cast) -> dict[str, Any]:
    """A schedule with the agent on it, and what lies on top."""
    now = clock.now()
    row = make_schedule(cast.lead, "Platform", "UTC", now)
    layer = {"name": "All", "participants": [cast.agent.email], "unit": "day", "length": 1, "handoff": "09:00"}
    spec = {"tz": "UTC", "layers": [{**layer, "start": "2026-01-01", "restriction": None}]}
    edit_layers(cast.lead, row, spec, now, now)
    span = (now + timedelta(days=5), now + timedelta(days=6))
    later = (now + timedelta(days=8), now + timedelta(days=9))
    return {
        "schedule": row,
        "override": override(cast.lead, row, cast.lead, span, now).pk,
        "swap": ask_swap(cast.agent, cast.lead, row, Trade(later), now).pk,
        "time_off": plan_time_off(cast.agent, cast.agent, *later, now).pk,
    }


def an_article(cast: Cast) -> dict[str, int]:
    """Read by whoever is signed in, with a file that it shows and one that it does not."""
    section = make_section(cast.lead, SectionText("Exports"), NOW)
    row = begin_article(cast.lead, Place(section.pk, "customers"), Text("Hello", "[Hello](file:a.csv) there"), NOW)
    received = [Received("a.csv", "text/csv", b"a;b"), Received("spare.csv", "text/csv", b"c;d")]
    file, spare = add_files(cast.lead, row.article_id, received, NOW)
    publish(cast.lead, row.pk, NOW)
    return {"draft_article": row.article_id, "article_file": file.pk, "spare": spare.pk, "draft_section": section.pk}


def in_the_help_center(cast: Cast) -> Translation:
    """An article for everybody."""
    section = make_section(cast.lead, SectionText("Exports"), NOW)
    text = Text("Exporting", "Nightly.")
    return publish(cast.lead, begin_article(cast.lead, Place(section.pk, Audience.PUBLIC), text, NOW).pk, NOW)


def a_reply_with(cast: Cast, ticket: Ticket, upload: Upload) -> int:
    casework.add_reply(cast.requester, ticket.pk, says("see the log", files=(upload,)), NOW)
    casework.add_reply(cast.agent, ticket.pk, says("thanks"), NOW)
    return Attachment.objects.get().pk


def address(name: str, stage: dict[str, Any]) -> str:
    keys: dict[str, dict[str, Any]] = {
        "desk:view": {"view": "mine"},
        "desk:view_make": {},
        **{f"desk:view_{verb}": {"pk": stage["view"]} for verb in ("edit", "change", "delete", "restore")},
        "desk:bulk_prepare": {},
        "desk:bulk_run": {"pk": stage["run"]},
        "desk:bulk_undo": {"pk": stage["run"]},
        "desk:bulk_start": {"pk": stage["preview"]},
        "desk:bulk_discard": {"pk": stage["preview"]},
        "desk:history_undo": {"number": stage["number"], "pk": stage["assigned"]},
        "desk:file": {"number": stage["number"], "pk": stage["file"]},
        "portal:file": {"number": stage["number"], "pk": stage["file"]},
        "desk:sheet": {"number": stage["number"], "pk": stage["entry"]},
        "desk:held_sheet": {"number": stage["number"], "pk": stage["held"]},
        "desk:picture": {"number": stage["number"], "pk": stage["entry"], "index": 0},
        "portal:sheet": {"number": stage["number"], "pk": stage["entry"]},
        "desk:message": {"pk": stage["raw"]},
        "desk:raw": {"pk": stage["raw"]},
        **{url: {"pk": stage["raw"]} for url in POST if url.startswith("desk:mail_")},
        "desk:outbox_message": {"pk": stage["delivery"]},
        "desk:outbox_again": {"pk": stage["delivery"]},
        "desk:mail_again": {"number": stage["number"], "pk": stage["delivery"]},
        "desk:held": {"number": stage["number"], "pk": stage["held"]},
        "desk:new_create": {},
        "desk:entry_move": {"number": stage["number"], "pk": stage["entry"]},
        "desk:entry_move_now": {"number": stage["number"], "pk": stage["entry"]},
        "desk:aside": {"number": stage["number"], "what": "spam"},
        "desk:aside_now": {"number": stage["number"], "what": "spam"},
        "desk:unlink": {"number": stage["number"], "other": stage["incident"]},
        "desk:linked_undo": {"number": stage["number"], "pk": stage["linked"]},
        **{f"desk:update_{one}": {"pk": stage["updates"][0]} for one in ("run", "stop")},
        "desk:update_discard": {"pk": stage["updates"][1]},
        "desk:update_letter": {"pk": stage["updates"][1], "number": stage["incident"]},
        "desk:policy_version": {"number": 1},
        "desk:import_example": {"kind": "people"},
        "desk:import_check": {},
        "desk:domain_proof": {"slug": "norrland", "pk": stage["proven"]},
        "desk:domain_check": {"slug": "norrland", "pk": stage["proven"]},
        "desk:sender_believe": {"key": "support"},
        "desk:notices_read": {},
        "desk:wishes_save": {},
        **{f"desk:on_call_{one}": {} for one in ("make", "away", "renew")},
        **{f"desk:on_call_{one}": {"key": "platform"} for one in ("one", "layers", "layers_save", "override", "swap")},
        **{f"desk:on_call_{one}": {"key": "platform"} for one in ("retire", "renew_one")},
        "desk:on_call_override_remove": {"pk": stage["override"]},
        "desk:on_call_swap_answer": {"pk": stage["swap"], "what": "withdraw"},
        "desk:on_call_away_end": {"pk": stage["time_off"]},
        "desk:on_call_calendar": {"token": token_of_schedule(stage["schedule"])},
        **{f"desk:{one}": {"pk": stage["alert"]} for one in ("alert", "alert_ack", "alert_again", "alert_resolve")},
        **{f"desk:{one}": {} for one in ("contact_rules", "contact_add", "contact_test_mail")},
        **{f"desk:{one}": {"pk": stage["channel"]} for one in ("contact_test", "contact_remove")},
        **{f"desk:push_{one}": {} for one in ("key", "on", "renew")},
        "desk:page_link": {"token": stage["page"]},
        "desk:paging_make": {},
        **{f"desk:paging_{one}": {"key": "night"} for one in ("one", "edit", "save", "retire")},
        **{f"desk:ladder_policy_{one}": {} for one in ("save", "give_back")},
        "desk:drill_begin": {},
        "desk:drill_stop": {"pk": stage["drill"]},
        "portal:drill": {},
        **{f"desk:outside{one}": {"key": "pagerduty"} for one in ("_test", "_called")},
        "desk:wall_link_make": {},
        "desk:wall_link_revoke": {"pk": stage["wall"].pk},
        "desk:wall_screen": {"token": token_of(stage["wall"])},
        "desk:notice": {"pk": stage["notice"]},
        "desk:cc": {"number": stage["number"], "pk": stage["cc"]},
        **{one: {"key": "ack"} for one in WORDING},
        "desk:undo": {"number": stage["number"], "pk": stage["waiting"]},
        **{f"desk:begun{one}": {"number": stage["number"], "kind": "note"} for one in BEGUN},
        "desk:begun_detach": {"number": stage["number"], "kind": "note", "pk": 1},
        "desk:note_file": {"number": stage["number"], "pk": stage["note_file"]},
        "desk:canned_put": {"number": stage["number"], "pk": stage["canned"]},
        **{f"desk:canned{one}": {} for one in ("", "_new", "_create", "_look")},
        **{f"desk:canned_{one}": {"pk": stage["canned"]} for one in ("one", "save", "delete", "restore")},
        **{f"desk:article{one}": {} for one in ("_make", "_look")},
        **{
            f"desk:article{one}": {"pk": stage["draft_article"]}
            for one in ("", "_save", "_place", "_revisions", "_attach")
        },
        "desk:ticket_article_words": {"number": stage["number"], "pk": stage["draft_article"]},
        "desk:article_act": {"pk": stage["draft_article"], "what": "archive"},
        "desk:article_detach": {"pk": stage["draft_article"], "file": stage["spare"]},
        "portal:help_file": {"pk": stage["draft_article"], "file": stage["article_file"], "called": "a.csv"},
        "desk:section_save": {},
        "desk:section_act": {"pk": stage["draft_section"], "what": "up"},
        "desk:draft_discard": {"pk": stage["aside"]},
        "desk:here": {"pk": stage["ticket"]},
        "desk:others": {"pk": stage["ticket"]},
        "desk:take_next": {},
        **{f"desk:{one}": {"key": "cloud"} for one in ("team_shift", "hand_over_new", "hand_over_write")},
        **{f"desk:{one}": {"key": "cloud"} for one in ("shift_take", "shift_end")},
        **{f"desk:{one}": {"pk": stage["hand_over"]} for one in ("hand_over", "hand_over_read")},
        **{f"desk:{one}": {} for one in ("away", "back")},
        "desk:domain_release": {"slug": "norrland", "pk": stage["domain"]},
        "desk:member_remove": {"slug": "norrland", "pk": stage["member"]},
        "desk:standing_over": {"slug": "norrland", "pk": stage["standing"]},
        "desk:standing_end": {"slug": "norrland", "pk": stage["standing"]},
        "desk:grant_over": {"slug": "norrland", "pk": stage["grant"]},
        "desk:grant_revoke": {"slug": "norrland", "pk": stage["grant"]},
        "desk:organization_create": {},
        "portal:help_suggestions": {},
        "portal:help_section": {"pk": stage["help"].article.section_id, "slug": "exports"},
        "portal:help_article": {"pk": stage["help"].article_id, "slug": "exporting"},
        "portal:help_feedback": {"pk": stage["help"].article_id},
        **{f"portal:old_{one}": {"locale": "en-us", "pk": 1} for one in ("article", "section", "category")},
        "portal:confirm": {"token": "forged"},
        "portal:rate": {"token": "forged"},
        "portal:ladder_answer": {"token": "forged"},
        "portal:link": {"token": stage["link"]},
        "portal:link_file": {"token": stage["link"], "pk": stage["file"]},
        "portal:link_sheet": {"token": stage["link"], "pk": stage["entry"]},
        "desk:links_end": {"number": stage["number"], "pk": stage["reads"]},
        "desk:cc_remove": {"number": stage["number"], "pk": stage["cc"]},
        "portal:cc_remove": {"number": stage["number"], "pk": stage["added"]},
        "portal:cc_answer": {"number": stage["number"], "pk": stage["asked"]},
    }
    if name.startswith("portal:seen:"):
        return f"/as/{stage['requester']}{seen_path(name.removeprefix('portal:seen:'), stage)}"
    if name.startswith(("widget:", "desk:person")):
        own = {"pk": stage["someone"]} if name.startswith("desk:") else widget_keys(name, stage)
        return reverse(name, kwargs=own)
    if name.startswith("desk:sso"):
        return reverse(name, kwargs={"organization": "norrland"})
    if name in {"desk:import_plan", "desk:import_report", "desk:import_apply"}:
        return reverse(name, kwargs={"pk": stage["import"]})
    if name in OF_AN_ORGANIZATION:
        return reverse(name, kwargs={"slug": "norrland"})
    plain = {
        "desk:ticket",
        "desk:history",
        "desk:came",
        "desk:ticket_alert",
        "desk:explain",
        "desk:links",
        "desk:ticket_merge",
        "desk:ticket_link",
        "desk:linked",
        "desk:linked_all",
        "desk:incident_update",
        "desk:near",
        "desk:ladder",
        "desk:redact",
        "desk:colleagues",
        "desk:canned_menu",
        "desk:ticket_articles",
        "desk:article_from_ticket",
        "portal:request",
        "portal:explain",
    } | (POST.keys() - {"desk:compare", "account_end_sessions"})
    return reverse(name, kwargs=keys.get(name, {"number": stage["number"]} if name in plain else {}))


def widget_keys(name: str, stage: dict[str, Any]) -> dict[str, Any]:
    if name in {"widget:loader", "widget:demo_product", "widget:demo_token"}:
        return {}
    kwargs: dict[str, Any] = {"key": "cloud"}
    kind = name.removeprefix("widget:")
    if kind in {"request", "reply", "close", "seen", "file_address", "file", "sheet"}:
        kwargs["number"] = stage["number"]
    if kind.startswith("article_file"):
        kwargs |= {"number": stage["draft_article"], "pk": stage["article_file"]}
    if kind in {"file_address", "file", "sheet"}:
        kwargs["pk"] = stage["entry" if kind == "sheet" else "file"]
    if kind in {"article", "helpful"}:  # whoever is signed in reads it: here a cookie signs nobody in
        kwargs["pk"] = stage["draft_article"]
    if kind in {"file", "sheet", "article_file"}:
        kwargs["token"] = "forged"
    return kwargs


def seen_path(name: str, stage: dict[str, Any]) -> str:
    return "/accounts/" if name == "nothing" else address(f"portal:{name}", stage)


def client_of(cast: Cast, role: str) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(getattr(cast, role))
    return client


def reader_of(cast: Cast, role: str, name: str) -> Client:
    """A client; for the pages with somebody else's eyes, one that has tried to begin."""
    client = client_of(cast, role)
    if name.startswith("portal:seen:"):
        client.post(reverse("desk:person_see", kwargs={"pk": cast.requester.pk}))
    return client


# One stage serves so many rows, each of which is undone: putting it up takes longer than a row.
ROWS = 20


def in_parts(table: Mapping[str, Any]) -> list[list[str]]:
    names = list(table)
    return [names[start : start + ROWS] for start in range(0, len(names), ROWS)]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing, in the database or in memory."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)
    forget_all()


def differences(got: Mapping[str, Any], row: str) -> dict[str, str]:
    """By role, where an answer is not what the row says: "l" leads to the log-in page, and nothing else does."""
    found = {}
    for role, code in zip(ROLES, row.replace(" ", ""), strict=True):
        status, leads = got[role].status_code, got[role].headers.get("Location", "")
        if status != CODES[code] or ("/accounts/login/" in leads) != (code == "l"):
            found[role] = f"{status} {leads}, and not {code}"
    return found


@pytest.mark.parametrize("part", in_parts(GET), ids=lambda names: names[0])
@pytest.mark.behaviour("B-32")
def test_reading(part: list[str], cast: Cast, stage: dict[str, Any]) -> None:
    wrong = {}
    for name in part:
        with undone():
            got = {role: reader_of(cast, role, name).get(address(name, stage)) for role in ROLES}
        wrong[name] = differences(got, GET[name])
    assert {name: what for name, what in wrong.items() if what} == {}


@pytest.mark.parametrize("part", in_parts(POST), ids=lambda names: names[0])
@pytest.mark.behaviour("B-33")
def test_writing(part: list[str], cast: Cast, stage: dict[str, Any]) -> None:
    wrong = {}
    for name in part:
        data, row = POST[name]
        data = {key: str(stage["member"]) if key == "person" else value for key, value in data.items()}
        got = {}
        for role in ROLES:
            with undone():
                got[role] = client_of(cast, role).post(address(name, stage), data)
        wrong[name] = differences(got, row)
        with undone():
            assert client_of(cast, "admin").get(address(name, stage)).status_code == 405, name
    assert {name: what for name, what in wrong.items() if what} == {}


def test_live_tokens_hold_only_what_one_may_hear(cast: Cast, stage: dict[str, Any]) -> None:
    ticket = Ticket.objects.get(number=stage["number"])
    asked = f"desk,ticket:{ticket.pk}:staff,ticket:{ticket.pk}:customer,person:{cast.requester.pk},ticket:x:staff"
    heard = {}
    for role in ROLES[1:]:
        for face in ("desk", "portal"):
            answer = client_of(cast, role).get(reverse(f"{face}:live"), {"streams": asked})
            if answer.status_code == 200:
                heard[role, face] = set(read(answer.json()["token"]).streams)
    own, staff = f"ticket:{ticket.pk}:customer", {"desk", f"ticket:{ticket.pk}:staff"}
    assert heard["requester", "portal"] == {own, f"person:{cast.requester.pk}"}
    assert heard["colleague", "portal"] == heard["reader", "portal"] == {own}
    assert heard["no_grant", "portal"] == heard["stranger", "portal"] == set()
    assert all(heard[role, "desk"] == staff for role in ("agent", "lead", "csm", "other_csm", "admin"))


def test_a_revoked_grant_ends_the_streams_and_the_reading(cast: Cast, stage: dict[str, Any]) -> None:
    client = client_of(cast, "reader")
    assert client.get(address("portal:request", stage)).status_code == 200
    revoke(cast.csm, Grant.objects.get(person=cast.reader), NOW)
    assert client.get(address("portal:request", stage)).status_code == 404


LISTS = ("portal:my_requests", "portal:cc_requests", "portal:organization_requests")
# In which of the three lists a search finds the request.
FOUND_IN = {"requester": LISTS[0], "colleague": LISTS[1], "reader": LISTS[2]}


def test_searching(cast: Cast, stage: dict[str, Any]) -> None:
    words = f"#{stage['number']}"
    for role in ROLES[1:]:
        pages = {name: client_of(cast, role).get(reverse(name), {"q": words}) for name in LISTS}
        found = {name for name, page in pages.items() if "Warehouse sync stopped" in page.content.decode()}
        assert found == ({FOUND_IN[role]} if role in FOUND_IN else set()), role


@pytest.mark.parametrize("kind", ["ack", "reply", "people"])
def test_mailing(kind: str, cast: Cast, stage: dict[str, Any]) -> None:
    """Whoever a queued mail about the request is for, it leaves only to who may see the request when it is sent."""
    one = Delivery.objects.filter(ticket_id__isnull=False, kind="reply").earliest("id")
    got = {}
    for number, role in enumerate(ROLES[1:]):
        person = getattr(cast, role)
        one.pk, one.person, one.address, one.kind = None, person, person.email, kind
        one.message_id, one.state = f"{number}.{kind}@vendor.test", "queued"
        one.save()
        deliver(one.pk, NOW)
        one.refresh_from_db()
        got[role] = one.state
    sees = dict(zip(ROLES, SEES.replace(" ", ""), strict=True))
    assert got == {role: "sent" if sees[role] == "2" else "suppressed" for role in ROLES[1:]}
