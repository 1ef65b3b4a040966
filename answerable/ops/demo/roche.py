"""Atelier Roche: a small design house, plan Standard; and two people from elsewhere who have no organization here."""

from answerable.ops.demo.script import Answered, Assigned, Closed, Determined, File, Noted, Request, Wrote

REQUESTS = (
    Request(
        subject="Lineage graph empty for Snowflake share",
        at="1h 19m",
        by="marc",
        channel="mail",
        team="cloud",
        severity="P1",
        impact="We show the lineage to our largest customer tomorrow morning.",
        text="Since the upgrade on Friday the downstream graph of everything that comes from the "
        "Snowflake share is empty. Upstream is right. The share itself reads fine.\n\n"
        "Marc Roche",
        story=(
            Assigned("1h 2m", "tomas", "tomas"),
            Noted(
                "55m",
                "tomas",
                "Shares got a new object type in their 9.x. Reproducing with our own share, needs a crawl (20 min).",
            ),
        ),
    ),
    Request(
        subject="Export of glossary fails with 413",
        at="5h 55m",
        by="claire",
        text='A CSV with 40,000 terms is refused with "413", one with 10,000 works. Is there a limit, '
        "and can it be raised? I would rather not cut it in four every week.",
    ),
    Request(
        subject="How do I tag assets in bulk?",
        at="17h 48m",
        by="claire",
        severity="P3",
        text="Is there a way to tag every table in a schema at once? I have 212 tables and one afternoon.",
    ),
    Request(
        subject="Invoice address change",
        at="14h 30m",
        by="marc",
        channel="mail",
        severity="P3",
        text="Hello, our legal entity was renamed as of last month. The new name for invoices is "
        "Atelier Roche SAS, the address stays as it is. The VAT number is in the attachment.",
        files=(File("entity.txt", "Atelier Roche SAS\n14 rue des Martyrs\n75009 Paris\nFR 40 303 265 045\n"),),
        story=(Assigned("13h", "priya", "anna"),),
    ),
    Request(
        subject="Tableau lineage points to the old server",
        at="11h",
        by="marc",
        cc=("claire",),
        text="We moved Tableau to a new server two weeks ago. Lineage of our workbooks still names the "
        "old one, so every link is dead.",
        story=(
            Answered(
                "9h",
                "tomas",
                "The crawler follows the new server but keeps old addresses until it meets each workbook "
                "again, and a workbook that nobody opens is met once a month. I have started a full crawl "
                "for you; it takes the night. I look at the links in the morning before I bother you "
                "again.",
            ),
        ),
    ),
    Request(
        subject="BigQuery bill doubled since we switched crawling on",
        at="2d 9h",
        by="marc",
        severity="P1",
        text="Our BigQuery bill went from 40 to 85 euros a day since the crawler runs. Profiling seems "
        "to read whole tables. We have switched it off until we know more.",
        story=(
            Answered(
                "2d 8h 10m",
                "tomas",
                "Switching it off was right. Profiling reads a sample of each table, but on tables "
                "without partitions BigQuery bills the whole of it. Before I suggest a setting: which of "
                "your datasets are the large ones?",
                then="pending",
            ),
            Wrote("2d 4h", "marc", "events_raw (9 TB) and renders (3 TB). The rest is small."),
            Answered(
                "2d 2h 40m",
                "tomas",
                "Then leave these two out of profiling (*Connection → Profiling → Except*), and set "
                "`max_bytes_billed: 1 GB` for the rest. By our estimate that is about 1.50 euros a day. "
                "Metadata and lineage cost nothing either way.\n\n"
                "Will you try it for two days and tell me what the bill says?",
                then="pending",
            ),
            Determined("2d 2h 35m", "tomas", "P2", "there is a way around: profiling is off, all else works"),
        ),
    ),
    Request(
        subject="A former colleague cannot be deleted",
        at="1d 9h",
        by="claire",
        text='I want to delete the account of somebody who has left. It says "owns 31 assets", but the '
        "list of assets is empty.",
        story=(
            Answered(
                "1d 6h",
                "anna",
                "The 31 are archived, and the list shows only live ones: I agree that this is no help. "
                "You can hand all of them over in one step under *People → (name) → Hand over*, and "
                "delete the account after that.\n\n"
                "Who should have them?",
                then="pending",
            ),
        ),
    ),
    Request(
        subject="Scheduler runs one hour late since the clock change",
        at="6d 10h",
        by="claire",
        text="All our schedules run an hour late since the end of summer time. The page shows the right hour.",
        story=(
            Answered(
                "6d 7h",
                "anna",
                "The page shows Paris time, the scheduler keeps UTC from the day when a schedule was "
                "made. Saving each schedule once mends it, but you shouldn't have to.",
            ),
            Noted("6d 6h", "anna", "14 schedules. Fix is in CAT-5488, merged."),
            Answered(
                "6d 5h",
                "anna",
                "A correction comes with release 4.12 and moves all 14 of yours by itself. If one of them "
                "is urgent, save it once by hand.",
                then="hold",
                why="release 4.12, planned for Thursday next week",
            ),
        ),
    ),
    Request(
        subject="CSV import refuses semicolons",
        at="5d 9h",
        by="claire",
        channel="form",
        severity="P3",
        text="Excel in French writes semicolons, your import wants commas. Can it take both?",
        story=(
            Answered(
                "5d 4h",
                "anna",
                "It can, though it hides it well: on the second page of the import, *More → Separator*. "
                "And since you are not the first, it will guess by itself from 4.12 on.",
                then="pending",
            ),
            Wrote("5d 1h", "claire", "Found it, merci!"),
            Answered("5d", "anna", "Avec plaisir.", then="solved"),
        ),
    ),
    Request(
        subject="Dashboard thumbnails are missing",
        at="36d 4h",
        by="claire",
        severity="P3",
        text="All thumbnails of our dashboards are grey boxes since yesterday.",
        story=(
            Answered(
                "36d 1h",
                "anna",
                "The service that draws them was out of memory. They are being drawn again; yours should "
                "be complete in an hour.",
                then="pending",
            ),
            Wrote("35d 20h", "claire", "All back."),
            Answered("35d 19h", "anna", "Thank you for telling us.", then="solved"),
            Closed("21d 18h"),
        ),
    ),
    Request(
        subject="Do you support Iceberg tables?",
        at="2h 20m",
        by="tane",
        channel="form",
        severity="P3",
        text="We are comparing three catalogues. Do you read Apache Iceberg tables, with history, from "
        "a REST catalog? And is there a trial for 50 people?",
    ),
    Request(
        subject="Invitation to the trial has expired",
        at="1d 5h",
        by="novak",
        channel="mail",
        text="Good morning, the link in your invitation says that it has expired. It came yesterday. "
        "Could I have a new one?",
        story=(
            Answered(
                "1d 3h",
                "anna",
                "Of course, a new one is on its way to this address. It is good for 7 days; the first one "
                "said 7 days too and meant one, which we have mended.",
                then="pending",
            ),
            Wrote("1d 1h", "novak", "I am in. Thank you."),
            Answered("1d 30m", "anna", "Welcome. If you get stuck, answer to this mail.", then="solved"),
        ),
    ),
)
