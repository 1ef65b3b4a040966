"""Kivu Bank: what is solved and closed."""

from answerable.ops.demo.script import Answered, Assigned, Closed, Determined, File, Noted, Request, Wrote

REQUESTS = (
    Request(
        subject="Webhook retries flood our queue",
        at="2d 20h",
        by="mbeki",
        team="devops",
        text="When our endpoint is down for maintenance your webhooks come again every second, 40,000 "
        "in ten minutes last night. Please back off, or let us set it.",
        story=(
            Answered(
                "2d 18h",
                "sam",
                "That is not how it should be: the waiting time doubles up to an hour, by design. Looking "
                "at why yours did not.",
            ),
            Noted("2d 16h 30m", "sam", "Their proxy answers 429 with `Retry-After: 1`. We obey. Literally."),
            Answered(
                "2d 16h",
                "sam",
                "Found it, and it is almost funny: your proxy answers `429` with `Retry-After: 1`, and we "
                "do what it says. From today we take the longer of that and our own waiting time. You "
                "could also set the header to 60.",
                then="pending",
            ),
            Wrote("2d 4h", "mbeki", "Ha. We set it to 120 now. Last night: 14 attempts instead of 40,000. Thank you."),
            Answered("2d 3h", "sam", "A fine reduction. I close my part.", then="solved"),
        ),
    ),
    Request(
        subject="Where are our backups kept?",
        at="9d 3h",
        by="mbeki",
        severity="P3",
        text="For our outsourcing register: in which country, with whom, and for how long are backups "
        "of our workspace kept?",
        story=(
            Answered(
                "8d 22h",
                "maria",
                "Good morning Joseph. In Frankfurt and Dublin, in our own accounts with one cloud "
                "provider, encrypted with a key that only your workspace uses; 35 days, then they are "
                "destroyed. The full answer with contract references is attached.",
                files=(
                    File(
                        "backup-statement.txt",
                        "Regions: eu-central-1, eu-west-1\nRetention: 35 days\nEncryption: one key per workspace\n",
                    ),
                ),
                then="solved",
            ),
        ),
    ),
    Request(
        subject="Service account locked after key rotation",
        at="27d 8h",
        by="otieno",
        channel="mail",
        severity="P1",
        text="Our loader's service account is locked since we rotated its key this morning: \"too many "
        'failed attempts". All loads wait.',
        story=(
            Answered(
                "27d 7h 40m",
                "tomas",
                "Unlocked. One of your hosts still used the old key, about twice a second, which is what "
                "locked it: 10.20.4.17.",
            ),
            Wrote(
                "27d 7h 10m",
                "otieno",
                "That is the disaster recovery loader, nobody had it on the list. Corrected. Loads run again.",
            ),
            Answered(
                "27d 7h",
                "tomas",
                "Good. For next time: *Keys → Rotate* can leave the old key valid for a day, so that "
                "stragglers show up in a list instead of a lock.",
                then="solved",
            ),
            Closed("13d 6h"),
        ),
    ),
    Request(
        subject="Nobody in the Goma office can reach the log-in page",
        at="13d 2h",
        by="uwase",
        channel="mail",
        team="devops",
        severity="P0",
        cc=("mbeki",),
        text="The log-in page does not load from our office in Goma, for 60 people. From Kigali it works.",
        story=(
            Assigned("13d 1h 55m", "priya", "sam"),
            Answered(
                "13d 1h 48m",
                "sam",
                "Looking at it. Could somebody there open https://status.acme.example/ip and send me what it says?",
            ),
            Wrote("13d 1h 38m", "uwase", "It says 102.22.140.9, region unknown."),
            Answered(
                "13d 1h 25m",
                "sam",
                "Thank you. That network changed hands last week and our firewall still knew it under its "
                "old name. Allowed again; please try.",
            ),
            Wrote("13d 1h 15m", "uwase", "It works. All 60 are in."),
            Determined("13d 1h 12m", "sam", "P1", "one office of several; the product was up elsewhere"),
            Answered(
                "13d 1h 5m",
                "sam",
                "Thank you for the quick answers. The list of networks is now renewed every night instead "
                "of every month.",
                then="solved",
            ),
        ),
    ),
)
