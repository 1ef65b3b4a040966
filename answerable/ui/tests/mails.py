"""Mails as people really write them, for the gallery: read by the product's own functions, from raw HTML to what is shown."""

import struct
import zlib
from dataclasses import dataclass, replace
from datetime import timedelta

from answerable.desk.marks import told, verdict_mark
from answerable.lib.html import clean, from_mail, safe
from answerable.lib.mail_html import folded, in_page, on_sheet, rest_of
from answerable.lib.paper import needs_sheet, remote_images
from answerable.tickets.entry_shown import Invitation
from answerable.ui.sheet import POLICY
from answerable.ui.tests.people import NOW, Entry

SHOT = "shot.png"
HEADERS = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN"}

NEWSLETTER = """
<div style="display:none">Maintenance on Saturday</div>
<table width="640" bgcolor="#f2f5f9" cellpadding="0" cellspacing="0" style="font-family:Arial,sans-serif"><tr><td style="padding:24px">
<table width="100%" cellspacing="0"><tr><td bgcolor="#003a70" style="padding:18px"><img src="https://cdn.norrland.example/logo.png"
 alt="Norrland Energi" width="160" height="32"></td></tr>
<tr><td bgcolor="#ffffff" style="padding:24px;color:#222222"><h1 style="font-size:22px;margin:0 0 12px">Maintenance on Saturday</h1>
<p style="margin:0 0 12px">The grid control room is moved to the new site between <b>06:00 and 09:00</b>.</p>
<table width="100%" cellpadding="6" style="border-collapse:collapse"><tr bgcolor="#e6ecf3"><th align="left">System</th>
<th align="left">From</th><th align="left">To</th><th align="left">Contact</th></tr>
<tr><td style="border-top:1px solid #cccccc">Warehouse sync</td><td>06:00</td><td>07:30</td><td>A. Lund</td></tr>
<tr><td style="border-top:1px solid #cccccc">Metering</td><td>07:30</td><td>09:00</td><td>I. Rask</td></tr></table>
<p style="margin:16px 0 0"><a href="https://norrland.example/plan" style="background-color:#0a7d4f;color:#ffffff;padding:10px 18px">
Read the plan</a></p></td></tr></table></td></tr></table><img src="https://t.example/open.gif" width="1" height="1">
"""
OUTLOOK = """
<div><p class="MsoNormal"><span style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D">Hi Priya,
</span></p><p class="MsoNormal"><span style="color:#1F497D">&nbsp;</span></p><p class="MsoNormal"><span style="color:#1F497D">
Still empty at our side. <b>All three</b> tenants are affected:</span></p><ul><li>norrland-north</li><li>norrland-south</li>
<li>norrland-test</li></ul><p class="MsoNormal">This is what we see:</p><p><img src="cid:shot" width="1280" height="520" alt=""></p></div>
"""
GMAIL = """
<div dir="ltr">Thanks, the sync runs again.<br><br>Please tell us when the report can be sent.<br><span>-- </span><br>
<div dir="ltr"><b>Elin Berg</b><br>Norrland Energi · +46 90 123 45</div></div>
"""
GMAIL_QUOTE = """<div><div>On Mon, 23 Nov 2026 at 02:40, Priya Nair wrote:<br></div><blockquote>We see it: the connection
 pool of eu-north lost its primary at 02:09.</blockquote></div>"""
CODE = """Here is what the loader prints, at 72 columns:

tenant             state      rows/s   lag    last error
norrland-north     down            0   4 h    pool: 0 of 12 alive
norrland-south     down            0   4 h    pool: 0 of 12 alive
norrland-test      degraded       31   2 m    -

    def backoff(n):
        return min(300, 2 ** n)

    # 300 s is reached after nine tries

Is that long enough?

-- \nElin Berg
Norrland Energi"""
RTL = """<div dir="rtl">שלום,<br>מאז הבוקר הדוחות ריקים. ראו את הקובץ <b>board.pdf</b>, בבקשה.<br><br>תודה,<br>נועה</div>
<p>The last line of the log is <code>ERROR loader.pool</code>.</p>"""
CALL = Invitation(
    "REQUEST",
    "Look at the loader",
    NOW + timedelta(hours=9),
    NOW + timedelta(hours=10),
    "Room 4",
    "Elin Berg",
    repeats=False,
)
IMAGE_ONLY = '<div><img src="cid:shot" width="640" height="260"></div>'


def _clean(source: str) -> str:
    return clean(source, lambda _cid: 0)


@dataclass(frozen=True)
class Sheet:
    """What a frame of the gallery holds."""

    html: str
    laid_out: bool
    more_url: str


def _sheet(source: str, more_url: str = "") -> Sheet:
    kept = _clean(source)
    laid_out = needs_sheet(kept)
    shown = on_sheet(kept, {0: f"/{SHOT}"}, {}) if laid_out else in_page(kept, {0: f"/{SHOT}"})
    return Sheet(safe(shown), laid_out, more_url if remote_images(kept) else "")


SHEETS = {
    "sheet-newsletter": _sheet(NEWSLETTER, "/sheet-newsletter?images=1"),
    "sheet-newsletter-portal": _sheet(NEWSLETTER),
    "sheet-rest": _sheet(GMAIL_QUOTE * 20),
}


def _entry(entry: Entry, source: str, rest: str = "") -> Entry:
    """The entry with words that are read as a mail's are."""
    kept = _clean(source) if source.lstrip().startswith("<") else from_mail(source)
    html, signature = folded(in_page(kept, {0: f"/{SHOT}"}))
    more = in_page(rest_of(kept + _clean(rest), kept)) if rest else ""
    return replace(entry, html=safe(html), signature_html=safe(signature), quoted_html=safe(more))


def entries(*, staff: bool) -> list[Entry]:
    """One mail of each kind."""
    proven = {"verdict": "pass", "by": "mx.acme.example", "address": "elin@norrland.example"}
    mail = Entry(1, "reply", "Elin Berg", 60, author_kind="customer", organization="Norrland Energi")
    picture = ((4, "image001.png", 212_000, f"/{SHOT}"),)
    found = [
        replace(mail, sheet_url="/sheet-newsletter" if staff else "/sheet-newsletter-portal"),
        _entry(replace(mail, id=2, pictures=picture, attachments=((5, "setup.exe", 1_400_000, "/f"),)), OUTLOOK),
        _entry(replace(mail, id=3), GMAIL, GMAIL_QUOTE),
        _entry(replace(mail, id=4, quoted_url="/sheet-rest"), CODE),
        _entry(replace(mail, id=5, author="Priya Nair <noa@norrland.example>"), RTL),
        _entry(replace(mail, id=6, pictures=picture, signatures=((6, "smime.p7s", 4_100, "/f"),)), IMAGE_ONLY),
        replace(mail, id=8, html=safe("<p>Shall we look at it together?</p>"), invitation=CALL),
        replace(mail, id=7, infected=(("invoice.doc", "Win.Test.EICAR_HDB-1"),)),
    ]
    if not staff:
        return found
    found[0] = replace(found[0], verdict=verdict_mark({"verdict": "none"}), forwarded_by="Tomas Klein", raw_id=1)
    found[1] = replace(found[1], verdict=verdict_mark(proven), raw_id=2)
    failed = {**proven, "verdict": "fail"}
    found[4] = replace(found[4], verdict=verdict_mark(failed), told=told(["name_spoof", "truncated"]), raw_id=5)
    found[7] = replace(found[7], told=told(["encrypted"]), raw_id=7)
    return found


def png(width: int = 1280, height: int = 520) -> bytes:
    """A picture of stripes, as large as a screenshot."""
    rows = b"".join(b"\0" + bytes((60 + row // 26 % 2 * 120, 110, 150)) * width for row in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
