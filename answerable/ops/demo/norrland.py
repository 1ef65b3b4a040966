"""Norrland Energi: a power company, plan Premium. Elin Berg runs its data platform."""

from answerable.ops.demo.script import Answered, Assigned, Determined, File, Noted, Request, Swept, Wrote

REQUESTS = (
    Request(
        subject="Warehouse sync stopped for all tenants",
        at="1h 30m",
        by="elin",
        channel="mail",
        team="cloud",
        severity="P0",
        impact="The morning report for the board and the grid desk is built from this. Without it they plan blind.",
        cc=("lund", "nils"),
        text="Nothing has loaded since {time 1h 33m}, for any of our tenants. The board report is "
        "empty. The last line in the log:\n\n"
        "ERROR loader.pool: 0 of 12 connections alive, giving up after 300 s\n\n"
        "Retrying by hand gives the same. Is this you or us?",
        files=(
            File(
                "loader.log",
                "INFO  loader.pool: 12 of 12 connections alive\n"
                "WARN  loader.pool: primary does not answer, 9 of 12 alive\n"
                "WARN  loader.pool: 3 of 12 alive\n"
                "ERROR loader.pool: 0 of 12 connections alive, giving up after 300 s\n",
            ),
        ),
        story=(
            Assigned("1h 26m", "priya", "priya"),
            Determined("1h 24m", "priya", "P0", "production is down for every tenant"),
            Answered(
                "1h 12m",
                "priya",
                "It is us. The connection pool of **eu-north** lost its primary at {time 1h 34m}, and the "
                "standby did not take over by itself. We are failing over by hand now. Your data is "
                "safe: the loader queues what it cannot write.\n\n"
                "Next update within the hour.",
            ),
            Noted(
                "1h 5m",
                "tomas",
                "Same signature as the incident of 3 October. @Priya check the health probe *before* the "
                "switch, it lied to us last time.",
            ),
            Noted("48m", "sam", "Standby is 40 s behind and catching up. Waiting for it rather than losing the tail."),
            Swept("11m 59s"),
            Wrote(
                "8m",
                "lund",
                "Grid desk asks whether they should switch to the paper plan for the 06 shift. Any estimate?",
            ),
            Noted(
                "5m",
                "priya",
                "On the phone with Anders about the shift plan. Writing it up as soon as the switch is through.",
            ),
        ),
    ),
    Request(
        subject="API token expires after one day",
        at="20m",
        by="elin",
        text="""The token page says 30 days, but our client gets 401 after about 24 hours. A new token works, for a day.

Token id ends in 7f3c. We make it with "Create token" in the admin area, scope catalog:read, by a service user.""",
    ),
    Request(
        subject="Renewing the certificate of our on-premise agent",
        at="1h 10m",
        by="lund",
        channel="mail",
        text="Hello,\n\n"
        "the certificate that the agent in our Sundsvall data centre uses runs out in three "
        "weeks. Do you renew it from your side, or do we put a new one in /etc/acme-agent/tls and "
        "restart?\n\n"
        "Best regards\n"
        "Anders Lund",
    ),
    Request(
        subject="Oracle crawler stops at 12,000 tables",
        at="3h 40m",
        by="elin",
        team="cloud",
        severity="P1",
        impact="The billing schemas are not in the catalog, and the audit of them begins on Monday.",
        cc=("holm",),
        text="The crawl of BILLPRD ends after about 12,000 of 31,000 tables. No error in the "
        "interface, the run is even marked green. I attach the end of the run log.",
        files=(
            File(
                "crawl-BILLPRD.log",
                "INFO  crawl BILLPRD: 11800 tables\n"
                "INFO  crawl BILLPRD: 11900 tables\n"
                "INFO  crawl BILLPRD: 12000 tables\n"
                "INFO  cursor closed by server (ORA-01555)\n"
                "INFO  crawl BILLPRD: finished, 12000 tables\n",
            ),
        ),
        story=(
            Assigned("3h 34m", "priya", "tomas"),
            Answered(
                "3h 20m",
                "tomas",
                "Thank you for the log: ORA-01555 is *snapshot too old*. The crawler reads the dictionary "
                "in one long query, and your undo retention is shorter than that query.\n\n"
                "Could you tell me the value of `undo_retention`? Meanwhile I look at why we call a "
                "cut-off run green, which is our mistake in any case.",
            ),
            Determined("3h 18m", "tomas", "P1", "two thirds of a production schema missing, audit on Monday"),
            Wrote("2h 50m", "elin", "undo_retention is 900. Our DBA will not raise it for a crawler, I asked."),
            Noted(
                "2h 30m",
                "tomas",
                "`crawl.page_size` splits the dictionary query by owner. Not documented yet, but it is in "
                "4.11. Tried on our 30k test schema: 6 min, no long query.",
            ),
            Answered(
                "2h 10m",
                "tomas",
                "Your DBA is right, and there is a better way. Set this for the connection and run the "
                "crawl again:\n\n"
                "```\n"
                "crawl:\n"
                "  page_size: 500\n"
                "```\n\n"
                "It reads the dictionary owner by owner, so no query runs longer than a few seconds. I am "
                "watching the run with you.",
            ),
            Wrote("1h 45m", "elin", "Started. 9,000 tables so far and the undo graph is flat."),
            Answered(
                "1h 30m",
                "tomas",
                "I see it too. About 50 minutes more at this pace; I will confirm the count against "
                "`ALL_TABLES` when it is through.",
            ),
        ),
    ),
    Request(
        subject="Power BI connector asks for a log-in every hour",
        at="1d 4h",
        by="holm",
        cc=("elin",),
        text="Since last week the Power BI connector asks for a new log-in every hour or so. 40 "
        "analysts are affected, and scheduled refreshes fail in between.",
        story=(
            Answered(
                "1d 2h 30m",
                "anna",
                "Hello Johanna, that is tiresome for 40 people. Two questions so that I look in the right place:\n\n"
                "1. Does it also happen to somebody outside your company network?\n"
                "2. Which version does *Help → About the connector* say?",
                then="pending",
            ),
            Wrote("1d 1h", "holm", "1. No, only inside. From home it works all day.\n2. 2.8.1"),
            Answered(
                "23h 30m",
                "anna",
                "Then it is very likely the proxy: it ends idle TLS sessions after an hour, and 2.8.1 "
                "treats that as a log-out. 2.8.3 reconnects instead. Could you try it on one machine "
                "before we roll it out?\n\n"
                "https://downloads.acme.example/powerbi/2.8.3",
                then="pending",
            ),
            Wrote(
                "1h",
                "holm",
                "2.8.3 is better but not cured. On the test machine it went well for five hours, then the "
                "same prompt again. Log from the connector below.\n\n"
                "Token refresh failed: AADSTS700082 (refresh token expired due to inactivity)",
            ),
        ),
    ),
    Request(
        subject="Search returns archived dashboards",
        at="22h",
        by="nils",
        severity="P3",
        text="Archived dashboards come first in the search results, before the ones we use. Can they "
        "be left out, or at least go to the end?",
        story=(
            Answered(
                "20h",
                "anna",
                "They can: *Settings → Search → Hide archived assets*, which is off by default for older "
                "workspaces such as yours. An administrator can switch it on for everyone.\n\n"
                "That they come *first* is a ranking flaw, though. I have written it up and keep this "
                "open until I know which release mends it.",
            ),
            Noted("19h 40m", "anna", "Ranking boosts by `updated_at`, and archiving counts as an update. CAT-5512."),
        ),
    ),
    Request(
        subject="Playbook ran twice on the first of the month",
        at="2d 5h",
        by="lund",
        text='The playbook "Retire stale tables" ran twice on the first of the month, at 02:00 and at '
        "02:04. The second run archived 118 tables that the first one had just restored by its "
        "exception list. We have put them back by hand.\n\n"
        "How do we keep this from happening next month?",
        story=(
            Answered(
                "2d 2h 20m",
                "tomas",
                "First of all, sorry for the handwork. The scheduler restarted at 02:03 in its "
                "maintenance window and did not know that the run had begun. To be sure that this is the "
                "whole story I need the two run ids; they are in *Playbooks → History*, at the right.",
                then="pending",
            ),
            Wrote("2d 1h", "lund", "r-88213 and r-88219."),
            Answered(
                "1d 23h 30m",
                "tomas",
                "Thanks, we have the run ids and your logs say the same as ours. The lock against a "
                "second start was only held in memory. From 4.12 on it is in the database.\n\n"
                "Until then, would you agree to move the playbook to 04:00, outside our window? I can do "
                "it for you, just say yes.",
                then="pending",
            ),
        ),
    ),
    Request(
        subject="Two-factor log-in for our contractors",
        at="3d 6h",
        by="nils",
        severity="P3",
        text="Our contractors log in with a password only, since they are not in our directory. Can we "
        "require a second factor from them?",
        story=(
            Answered(
                "3d 1h",
                "anna",
                "Yes. *Settings → Security → Second factor* has a rule per user group: make a group for "
                'the contractors, choose "required", and each of them is asked to set it up at the next '
                "log-in.\n\n"
                "Shall I look over your groups before you switch it on? For that I would need your leave "
                "to see as you.",
                then="pending",
            ),
        ),
    ),
    Request(
        subject="Column lineage from dbt 1.9 is not shown",
        at="5d 3h",
        by="elin",
        text="After our move to dbt 1.9 the table lineage is right, but column lineage is gone for all "
        "models with a contract. manifest.json is version 12. We have 600 models, about 350 of "
        "them with contracts.",
        story=(
            Answered(
                "5d 1h", "tomas", "Thank you, that is precise. I am rebuilding it here with a contract model on 1.9."
            ),
            Noted(
                "4d 22h",
                "tomas",
                "Confirmed. v12 moves `columns` below `contract.checksum`; our parser looks at the old place.",
            ),
            Answered(
                "4d 21h",
                "tomas",
                "Confirmed: version 12 of the manifest moved the columns of contract models, and our "
                "parser looks in the old place. The fix is written and tested with your example. It ships "
                "with release 4.12.",
                then="hold",
                why="release 4.12, planned for Thursday next week",
            ),
        ),
    ),
)
