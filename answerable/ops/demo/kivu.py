"""Kivu Bank: plan Premium. Regulated, so its questions are about access, evidence and where data lies."""

from answerable.ops.demo.script import Answered, Assigned, Determined, File, Noted, Request, Stated, Wrote

REQUESTS = (
    Request(
        subject="SSO log-in loops after certificate change",
        at="42m",
        by="mbeki",
        channel="mail",
        severity="P1",
        impact="About 300 people cannot get in. The stewards' close of the month is today.",
        cc=("uwase",),
        text="We rotated the IdP certificate as announced, and now everybody is sent back and forth "
        "between you and our log-in page until the browser gives up. Only people who were logged "
        "in before still work.\n\n"
        "The new certificate is in the metadata that we publish; I attach its fingerprint.\n\n"
        "J. Mbeki, Identity and Access",
        files=(File("fingerprint.txt", "SHA256 9A:41:77:0C:D2:5E:13:8B:60:FA:2D:91:44:C0:7E:35\nvalid for 2 years\n"),),
        story=(
            Assigned("38m", "priya", "priya", "cloud"),
            Noted(
                "30m",
                "priya",
                "Metadata was fetched after the change, but the old certificate is still pinned in their "
                "workspace. Testing the refresh on staging before I touch theirs.",
            ),
        ),
    ),
    Request(
        subject="Preview shows columns that should be masked",
        at="3h 5m",
        by="otieno",
        severity="P0",
        impact="Personal data of customers is visible to people who must not see it. We may have to "
        "report this within 72 hours.",
        cc=("mbeki",),
        text="In the table preview of CUSTOMER_360 two columns appear in clear that our policy masks: "
        'national_id and phone. I see them as an ordinary analyst. The policy page says "masked" '
        "for both.\n\n"
        "Please stop the preview for this table at once if you can.",
        story=(
            Assigned("3h 1m", "priya", "sam", "devops"),
            Answered(
                "2h 56m",
                "sam",
                "Previews are now off for your whole workspace, as of {time 2h 57m}; nobody can see them "
                "any more. I am finding out why this happened, and who opened that preview. Next update "
                "in half an hour.",
            ),
            Determined("2h 54m", "sam", "P0", "personal data visible to people without the right to it"),
            Noted(
                "2h 35m",
                "sam",
                "View over the table, created yesterday. Masks are resolved on the base table, the "
                "preview asked the view. @Maria please be ready for their compliance people.",
            ),
            Answered(
                "2h 25m",
                "sam",
                "We have the cause. Yesterday at 16:12 a view was made over CUSTOMER_360. The preview of "
                "a *view* did not follow the masks of its base table. That is our error.\n\n"
                "From the access log: four people opened it, all of your own analytics team, nobody "
                "outside. The list is attached for your report.",
                files=(
                    File(
                        "preview-access.csv",
                        "person,times\nanalyst-014,3\nanalyst-022,1\nanalyst-031,1\na.otieno,2\n",
                    ),
                ),
            ),
            Wrote(
                "2h",
                "mbeki",
                "Received, thank you. That is what compliance needs for now. When can previews come back, "
                "with the masks?",
            ),
            Answered(
                "1h 40m",
                "sam",
                "The correction is written and under review by a second engineer. We would rather switch "
                "previews on again tomorrow morning with a proof than tonight with a promise. Is that "
                "acceptable?",
            ),
            Wrote("1h 20m", "otieno", "Tomorrow is fine. Off is safe."),
            Answered(
                "1h 2m",
                "sam",
                "Then they stay off until then. The correction goes to staging now; I tell you what the "
                "comparison there says.",
            ),
            Noted(
                "50m",
                "maria",
                "Spoke with their compliance officer: they are content with how this is handled. She "
                "wants a written cause by Friday.",
            ),
            Answered(
                "35m",
                "sam",
                "The correction passed its review and runs on our staging now, where we compare 1,200 "
                "views with their base tables. So far: no difference. I report again within the hour.",
            ),
        ),
    ),
    Request(
        subject="Search is slow since the end of the month",
        at="4h 10m",
        by="uwase",
        team="cloud",
        severity="P1",
        text="Every search takes 8 to 12 seconds since {time 4h 45m}. On other days it is under one. "
        "The whole second floor complains.",
        story=(
            Answered(
                "3h 35m",
                "tomas",
                "I can see it in your figures: 9.4 seconds at the median since {time 4h 45m}. Your index was "
                "rebuilt during the night and the new one is not warmed up. I am moving it to a larger "
                "node.",
            ),
            Determined("3h 30m", "tomas", "P1", "search is an important part, and slow for everybody"),
            Wrote("2h 50m", "uwase", "It is better, perhaps 4 seconds."),
            Answered(
                "2h 10m",
                "tomas",
                "2.1 seconds at the median now, and falling as the caches fill. I keep watching until it "
                "is under one again.",
            ),
        ),
    ),
    Request(
        subject="Two policies contradict each other on customer_id",
        at="1d 7h",
        by="otieno",
        text='customer_id falls under "Mask for analysts" by its tag PII and under "Visible for risk" '
        "by its domain. A risk analyst sees it masked. Which one wins, and where can I read that?",
        story=(
            Answered(
                "1d 4h 30m",
                "anna",
                "The stricter one wins, always: if any policy masks a column for a person, it is masked. "
                "You can see the decision step by step under *Policies → Explain*, with a person and a "
                "column.\n\n"
                "For what you want, put an exception for the group *risk* into the masking policy itself.",
                then="pending",
            ),
            Wrote(
                "1h 35m",
                "otieno",
                "I understand the rule. But we have 14 such columns, and an exception in each masking "
                "policy is what our auditors dislike most. Is there a way to say it once?",
            ),
        ),
    ),
    Request(
        subject="Branch codes are classified as phone numbers",
        at="2d 3h",
        by="uwase",
        severity="P3",
        text="The classifier tags our branch codes (0788-123-456) as phone numbers. It is wrong in 61 columns.",
        story=(
            Answered(
                "1d 20h",
                "anna",
                "They do look like Rwandan mobile numbers, so the classifier is in good company. Two "
                'ways: untag by rule (*Classification → Rules → not if name contains "branch"*), or let '
                "me add your code pattern to the detector's exceptions. The second needs a day. Which do "
                "you prefer?",
                then="pending",
            ),
            Wrote("1d 17h", "uwase", "The second, please. We will have more of them."),
            Answered(
                "1d 6h",
                "anna",
                "It is ordered, and tests run against your 61 columns tonight. I will write when they pass.",
            ),
        ),
    ),
    Request(
        subject="A read-only role for external auditors",
        at="3h",
        by="mbeki",
        channel="mail",
        severity="P3",
        text="Good day, our external auditors come in two weeks. They should see lineage and policies "
        "but neither samples nor people's names. Is there a role for that, or do we build one?",
    ),
    Request(
        subject="Audit log export for the regulator",
        at="3d 4h",
        by="mbeki",
        text="The regulator asks for all changes of access rights in the last 12 months, as one signed "
        "file. The export in the interface stops at 90 days.",
        story=(
            Answered(
                "3d 1h 30m",
                "anna",
                "The interface shows 90 days, but we keep 7 years. I can have the 12 months exported as "
                "CSV with a detached signature that the regulator can check with our public key.\n\n"
                "Two things I need from you: the first and the last date, and the name of somebody "
                "entitled to receive it.",
                then="pending",
            ),
            Stated("3d 1h", "mbeki", "P2", "Due to the regulator at the end of next week."),
        ),
    ),
    Request(
        subject="Is a connector for Temenos planned?",
        at="6d 5h",
        by="otieno",
        channel="form",
        severity="P3",
        text="Our core banking system is Temenos T24. Is a connector on your roadmap, and could we help to test one?",
        story=(
            Answered(
                "6d 1h",
                "anna",
                "It is being looked into, and a bank that would test with us is the best argument there "
                "is. May I pass your name to the product manager? She would want half an hour with "
                "somebody who knows your T24 tables.",
                then="pending",
            ),
        ),
    ),
    Request(
        subject="Slack bot no longer answers /define",
        at="4d 8h",
        by="uwase",
        severity="P3",
        text='/define used to explain a glossary term in Slack. Since Monday it says "dispatch_failed".',
        story=(
            Answered(
                "4d 3h",
                "anna",
                "Slack withdrew an old permission that our bot still asked for. The new version of the "
                "bot is ready and waits for Slack's approval.",
                then="hold",
                why="Slack's review of the new version of our bot, usually a week",
            ),
        ),
    ),
)
