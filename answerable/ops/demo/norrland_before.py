"""Norrland Energi: what is solved and closed."""

from answerable.ops.demo.script import Answered, Assigned, Closed, Determined, Moved, Noted, Request, Wrote

REQUESTS = (
    Request(
        subject="Owner field emptied by bulk import",
        at="4d 6h",
        by="holm",
        channel="mail",
        severity="P1",
        cc=("elin",),
        text="Dear support,\n\n"
        "I imported descriptions for 2,300 tables by CSV, and now all of them have lost their "
        "owner. The file had no owner column at all. Please tell me that this can be undone.\n\n"
        "Johanna",
        story=(
            Answered(
                "4d 5h 30m",
                "anna",
                "It can be undone. Nothing is lost: every import keeps what was there before. Please "
                "don't import anything else for the moment; I am looking at yours now.",
            ),
            Noted(
                "4d 5h 10m",
                "anna",
                "Import i-5521. The mapper read the missing column as an empty one. @Sam can you dry-run the revert?",
            ),
            Noted("4d 4h 50m", "sam", "Dry run: 2,300 owners back, 2,300 new descriptions stay. Go."),
            Answered(
                "4d 4h 40m",
                "anna",
                "The owners of all 2,300 tables are back, and your new descriptions have stayed. Could "
                "you look at a few of them?",
            ),
            Wrote("4d 4h", "holm", "They are back. Thank you, that was quick, my hands have stopped shaking."),
            Answered(
                "4d 3h 30m",
                "anna",
                "Glad to hear it. The cause: a column that is missing was read as one that is empty. "
                "Since this morning's release a missing column leaves the field alone, and the preview "
                "counts what would be emptied.",
                then="solved",
            ),
        ),
    ),
    Request(
        subject="Quality alerts arrive four hours late",
        at="8d 7h",
        by="elin",
        team="devops",
        severity="P1",
        impact="We find out from the traders before we find out from you.",
        text="Freshness alerts for the price feed came at {time 8d 7h 10m} today; the feed had stopped "
        "at {time 8d 11h 20m}. Yesterday the same, three and a half hours late.",
        story=(
            Answered(
                "8d 6h 35m",
                "sam",
                "Looking at it now. Alerts for your region leave through one queue, and its age graph is not pretty.",
            ),
            Noted(
                "8d 6h 10m",
                "sam",
                "One tenant has 40,000 monitors on a one-minute schedule. FIFO, so everybody waits behind them.",
            ),
            Answered(
                "8d 5h 30m",
                "sam",
                "Found: another customer's very large set of checks held up the queue that yours go "
                "through. I have given your alerts a lane of their own for now. The 12 that were waiting "
                "went out at {time 8d 5h 40m}; please ignore the old ones among them.",
            ),
            Wrote("8d 4h 50m", "elin", "Confirmed, the last one took 20 seconds. What about next week?"),
            Answered(
                "8d 4h 20m",
                "sam",
                "The lanes become permanent, one per organization, with tomorrow's deployment. I write "
                "again when it is out.",
            ),
            Answered(
                "8d 30m",
                "sam",
                "It is out. Over the last three hours your slowest alert took 41 seconds. I mark this "
                "solved; if one is late again, answer here and it opens by itself.",
                then="solved",
            ),
            Noted(
                "7d 20h",
                "priya",
                "Good write-up for the review: queue age per organization should page us, not only the total.",
            ),
        ),
    ),
    Request(
        subject="Rename of the finance domain",
        at="12d 2h",
        by="holm",
        severity="P3",
        text='The domain "Finance" is to be called "Finance and Risk". Will links and permissions stay as they are?',
        story=(
            Answered(
                "11d 20h",
                "anna",
                "They will. Links hold the domain's id, not its name, and permissions belong to the id as "
                "well. Rename it under *Domains → Finance → Settings*. People see the new name at once.",
                then="pending",
            ),
            Wrote("11d 4h", "holm", "Done, and nothing broke. Thank you."),
            Moved("11d 3h", "holm", "solved"),
        ),
    ),
    Request(
        subject="Nightly metadata export misses three tables",
        at="41d 5h",
        by="elin",
        text="The nightly export to S3 leaves out three tables of the schema GRID: METER, METER_HIST "
        "and METER_2019. All others are there.",
        story=(
            Answered(
                "41d 3h",
                "tomas",
                "Those three share something: each has a column of type SDO_GEOMETRY. The export skips "
                "what it cannot write, and says so only in its log. I am checking whether it must.",
                then="pending",
            ),
            Wrote(
                "40d 22h", "elin", "Yes, METER has coordinates. We don't need that column in the export, only the rest."
            ),
            Answered(
                "40d 20h",
                "tomas",
                "Then `export.unknown_types: text` does what you want. I have set it for your workspace; "
                "tonight's export will have them.",
                then="pending",
            ),
            Wrote("39d 18h", "elin", "All three are in. Thanks!"),
            Answered(
                "39d 17h",
                "tomas",
                "Good. From 4.9 on a skipped table is shown on the page of the run as well.",
                then="solved",
            ),
            Closed("25d 16h"),
        ),
    ),
    Request(
        subject="Whole catalog is read-only after the maintenance",
        at="62d 3h",
        by="lund",
        channel="mail",
        team="devops",
        severity="P0",
        text='After your maintenance last night nobody can save anything. Every edit says "workspace '
        'is read-only". We have 80 stewards starting their day.',
        cc=("elin",),
        story=(
            Assigned("62d 2h 57m", "priya", "sam"),
            Answered(
                "62d 2h 51m",
                "sam",
                "Confirmed, I can see it. The flag from the maintenance was not lifted for three "
                "workspaces, yours among them. Lifting it now.",
            ),
            Answered("62d 2h 44m", "sam", "Lifted. Could you try to save something?"),
            Wrote("62d 2h 38m", "lund", "Works for me and two colleagues."),
            Determined("62d 2h 36m", "sam", "P0", "nobody could write in the whole workspace"),
            Answered(
                "62d 2h 30m",
                "sam",
                "Thank you, and sorry for the start of your day. You were read-only from {time 62d 6h} until "
                "{time 62d 2h 45m}. The flag now ends with the maintenance window by itself, and a check "
                "pages us if one is left.",
                then="solved",
            ),
            Closed("48d 1h"),
        ),
    ),
    Request(
        subject="Glossary terms lose å, ä and ö on import",
        at="33d 6h",
        by="nils",
        channel="form",
        text="I import our glossary from Excel by CSV. Elnät becomes Eln�t. In Excel it looks right.",
        story=(
            Answered(
                "33d 4h",
                "anna",
                'Excel writes its plain "CSV" in the old Windows encoding. Please save as **CSV UTF-8**, '
                "the second entry in the list, and import again.",
                then="pending",
            ),
            Wrote("32d 20h", "nils", "That was it! Could the import not notice this?"),
            Answered(
                "32d 19h",
                "anna",
                "It could, and I like the idea: the preview shows a warning from 4.10 on. Thank you for it.",
                then="solved",
            ),
            Closed("18d 18h"),
        ),
    ),
)
