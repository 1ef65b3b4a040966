"""The new words of an answer (E-64). One case per way in which mail programs quote."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.lib import html
from answerable.mail import parse, quotes
from answerable.mail.quote_words import REPLY_MARKS
from answerable.mail.tests.samples import message, multipart

ATTRIBUTIONS = [
    "On Mon, Apr 2, 2012 at 6:26 PM, Megan One <megan@x.test> wrote:",
    "On Mon, Apr 2, 2012 at 6:26 PM Megan One\n<megan@x.test> wrote:",
    "On Mon, Apr 2, 2012 at\n6:26 PM, Megan One <megan@x.test>\nwrote:",
    "On 04/02/2012 06:26 PM, Megan One wrote:",
    "On Apr 2, 2012, at 6:26 PM, Megan One <megan@x.test> wrote:",
    "Am 02.04.2012 um 18:26 schrieb Megan One:",
    "Am Mo., 2. Apr. 2012 um 18:26 Uhr schrieb Megan One <\nmegan@x.test>:",
    "Le lun. 2 avr. 2012 à 18:26, Megan One <megan@x.test> a écrit\u00a0:",
    "El lun, 2 abr 2012 a las 18:26, Megan One (<megan@x.test>) escribió:",
    "Il giorno lun 2 apr 2012 alle ore 18:26 Megan One <megan@x.test> ha scritto:",
    "Em seg., 2 de abr. de 2012 às 18:26, Megan One <megan@x.test> escreveu:",
    "Op ma 2 apr. 2012 om 18:26 schreef Megan One <megan@x.test>:",
    "Den mån 2 apr. 2012 kl 18:26 skrev Megan One <megan@x.test>:",
    "man. 2. apr. 2012 kl. 18:26 skrev Megan One <megan@x.test>:",
    "ma 2. huhtik. 2012 klo 18.26 Megan One (megan@x.test) kirjoitti:",
    "pon., 2 kwi 2012 o 18:26 Megan One <megan@x.test> napisał(a):",
    "po 2. 4. 2012 v 18:26 odesílatel Megan One <megan@x.test> napsal:",
    "Megan One <megan@x.test> ezt írta (időpont: 2012. ápr. 2., H, 18:26):",
    "În lun., 2 apr. 2012 la 18:26, Megan One <megan@x.test> a scris:",
    "пн, 2 апр. 2012 г. в 18:26, Megan One <megan@x.test>:",
    "02.04.2012 18:26, Megan One пишет:",
    "Στις Δευ, 2 Απρ 2012 στις 6:26 μ.μ., ο χρήστης Megan One <megan@x.test> έγραψε:",
    "Megan One <megan@x.test>, 2 Nis 2012 Pzt, 18:26 tarihinde şunu yazdı:",
    "Vào 18:26, T2, 2 thg 4, 2012 Megan One <megan@x.test> đã viết:",
    "Megan One <megan@x.test> 于2012年4月2日周一 18:26写道：",
    "2012年4月2日(月) 18:26 Megan One <megan@x.test>:",
    "2012년 4월 2일 (월) 오후 6:26, Megan One <megan@x.test>님이 작성:",
    "\u202bבתאריך יום ב׳, 2 באפר׳ 2012 ב-18:26 מאת \u202aMegan One\u202c\u200f <\u202amegan@x.test\u202c\u200f>:\u202c",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_attributions_in_the_world_s_languages_e64(attribution: str) -> None:
    assert quotes.split(f"New words.\n\n{attribution}\n\n> old words\n> more\n").new == "New words."


@pytest.mark.parametrize("attribution", [one for one in ATTRIBUTIONS if "@" in one])
def test_attributions_without_quote_marks_below_e64(attribution: str) -> None:
    assert quotes.split(f"New words.\n\n{attribution}\n\nold words\nmore\n").new == "New words."


@pytest.mark.parametrize(
    "announcement",
    [
        "-----Original Message-----\nFrom: a",
        "-------- Ursprüngliche Nachricht --------\nVon: a",
        "----- Mensaje original -----",
        "-----原始邮件-----",
        "________________________________\nFrom: A <a@x.test>\nSent: Monday\nTo: B\nSubject: s",
        "From: A <a@x.test>\nDate: Monday\nTo: B\nSubject: s",
        "*From:* A\n*Sent:* Monday\n*To:* B\n*Subject:* s",
        "Von: A\nGesendet: Montag\nAn: B\nBetreff: s",
        "De : A\nEnvoyé : lundi\nÀ : B\nObjet : s",
        "De: A\nEnviado el: lunes\nPara: B\nAsunto: s",
        "Da: A\nInviato: lunedì\nA: B\nOggetto: s",
        "Van: A\nVerzonden: maandag\nAan: B\nOnderwerp: s",
        "От: A\nОтправлено: пн\nКому: B\nТема: s",
        "发件人: A\n发送时间: 周一\n收件人: B\n主题: s",
        "差出人: A\n送信日時: 月\n宛先: B\n件名: s",
        "보낸 사람: A\n보낸 날짜: 월\n받는 사람: B\n제목: s",
        *REPLY_MARKS,
    ],
)
def test_announcements_of_old_mail_e64(announcement: str) -> None:
    assert quotes.split(f"New words.\n\n{announcement}\n\nold words\n").new == "New words."


def test_words_below_a_quote_are_kept_e64() -> None:
    assert quotes.split("On 04/02/2012 06:26 PM, Megan One wrote:\n> Hi \nHello").new == "Hello"
    assert quotes.split("Top\n> q\n\n> q2\nbottom").new == "Top\n\nbottom"
    assert quotes.split("-----Original Message-----\n> From: x\n> q\n\nbottom").new == "bottom"


@pytest.mark.parametrize(
    "text",
    [
        "> q1\nanswer 1\n> q2\nanswer 2\n",
        "On 04/02/2012 06:26 PM, Megan One wrote:\n> q1\nanswer 1\n\n> q2\n",
        "> nothing new\n> at all",
        "no quote at all",
        "I tried it.\nThe log at 10:30 wrote:\n ERROR 12\nmore\n",
        "As Bob wrote:\nplease call",
        "From: the start it was broken\nTo: me it seems odd",
        "See this:\n\n---------- Forwarded message ---------\nFrom: a\nDate: b\nTo: c\nSubject: d\n\nold",
        "Begin forwarded message:\n\nFrom: a\nDate: b\nTo: c\n\nold",
        "",
    ],
)
def test_in_doubt_nothing_is_cut_e64(text: str) -> None:
    assert quotes.split(text).new == text


def test_signatures_stay_e65() -> None:
    assert quotes.split("New.\n\n-- \nAnn\nAcme\n\n> old").new == "New.\n\n-- \nAnn\nAcme"


QUOTED = "New words.\n\n> old\n"


@pytest.mark.parametrize(
    ("header", "cut"),
    [
        ("Subject: Re: x", True), ("Subject: AW: x", True), ("Subject: RE : x", True), ("Subject: Re[2]: x", True),
        ("Subject: SV: x", True), ("Subject: 回复：x", True), ("Subject: [list] Re: x", True), ("Subject: Re: Fwd: x", True),
        ("Subject: x\nIn-Reply-To: <a@b>", True), ("Subject: x\nReferences: <a@b>", True),
        ("Subject: x", False), ("Subject: Report: x", False),
        ("Subject: Fwd: x\nIn-Reply-To: <a@b>", False), ("Subject: FW: x", False), ("Subject: WG: Re: x", False),
        ("Subject: TR: x\nReferences: <a@b>", False), ("Subject: RV: x", False), ("Subject: I: x", False),
    ],
)  # fmt: skip
def test_only_what_shows_that_it_answers_is_cut_e64(header: str, *, cut: bool) -> None:
    read = parse.read(message(header, QUOTED))
    assert read.reply_text == ("New words." if cut else "New words.\n\n> old")
    assert read.text == "New words.\n\n> old"


def test_one_that_joined_a_ticket_has_its_new_words_without_any_mark_e64() -> None:
    read = parse.read(message("Subject: x", QUOTED))
    assert (read.is_reply, read.new_text, read.reply_text) == (False, "New words.", read.text)


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote">On Monday Ann wrote:<blockquote>old</blockquote></div>',
        '<div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On …</div><blockquote>old</blockquote></div>',
        '<blockquote type="cite">old</blockquote>',
        '<div class="moz-cite-prefix">On … Ann wrote:</div><blockquote type="cite" cite="mid:x">old</blockquote>',
        '<hr><div id="divRplyFwdMsg"><b>From:</b> Ann</div><div>old</div>',
        '<div id="x_divRplyFwdMsg"></div><div>old</div>',
        '<div id="appendonsend"></div><hr><div>old</div>',
        '<div class="yahoo_quoted"><div>On …</div><div>old</div></div>',
        '<div class="protonmail_quote">old</div>',
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt"><p>From: Ann</p></div></div><p>old</p>',
        "<p>## Reply above this line ##</p><p>old</p>",
        "<p>On Mon, 2 Mar 2026 at 09:00, Ann wrote:</p><blockquote>old</blockquote>",
        '<p>On 2 Mar 2026, Ann &lt;<a href="mailto:a@b.test">a@b.test</a>&gt; wrote:<br></p>\n<blockquote><p>old</p></blockquote>',
        "<div>Am 02.03.2026 um 09:00 schrieb Ann:</div><br><blockquote>old<blockquote>older</blockquote></blockquote>",
    ],
)
def test_quotes_in_html_e64(quote: str) -> None:
    source = f"<html><body><div>New <b>words</b>.</div>{quote}</body></html>"
    read = parse.read(message("Subject: Re: x\nContent-Type: text/html", source))
    assert "New <b>words</b>." in read.reply_html
    assert "old" not in read.reply_html
    assert "old" in read.html
    assert read.reply_text == "New words."
    assert "old" in read.text


@pytest.mark.parametrize(
    "source",
    [
        '<blockquote type="cite">q1</blockquote><p>answer</p><blockquote type="cite">q2</blockquote>',
        '<p>See below</p><div class="gmail_quote">On …<blockquote>q1</blockquote><div>answer</div><blockquote>q2</blockquote></div>',
        '<div class="gmail_quote">On …<blockquote>only a quote</blockquote></div>',
        "<p>no quote</p>",
        "<p>The manual says:</p><blockquote>a passage</blockquote><p>Is that so?</p>",
        "<p>Ann wrote:</p><blockquote>no date, so perhaps our writer's own</blockquote>",
    ],
)
def test_in_doubt_html_stays_whole_e64(source: str) -> None:
    read = parse.read(message("Subject: Re: x\nContent-Type: text/html", source))
    assert html.to_text(read.reply_html) == html.to_text(read.html) == html.to_text(html.clean(source))


def test_html_below_a_quote_is_kept_and_a_forward_stays_whole_e64() -> None:
    source = '<p>top</p><blockquote type="cite">old</blockquote><p>bottom</p>'
    assert parse.read(message("Subject: Re: x\nContent-Type: text/html", source)).reply_text == "top\n\nbottom"
    assert "old" in parse.read(message("Subject: Fwd: x\nContent-Type: text/html", source)).reply_html


def test_html_tells_where_plain_text_cannot_e64() -> None:
    plain = "Content-Type: text/plain\n\nNew words.\nold words"
    marked = 'Content-Type: text/html\n\n<p>New words.</p><div id="appendonsend"></div><p>old words</p>'
    assert parse.read(multipart("alternative", plain, marked, header="Subject: Re: x")).reply_text == "New words."


PIECES = st.sampled_from(
    [
        "> q",
        "",
        "new",
        "On 2012-04-02 18:26, A <a@b> wrote:",
        "From: a",
        "Sent: b",
        "To: c",
        "-----Original Message-----",
        ">",
        "wrote:",
        "## Reply above this line ##",
        " > x",
        "____",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=20))
def test_new_words_are_lines_of_the_text_and_never_nothing_e64(lines: list[str]) -> None:
    text = "\n".join(lines)
    new = quotes.split(text).new
    assert bool(new.strip()) == bool(text.strip())
    rest = iter(text.split("\n"))
    assert all(line in rest for line in new.split("\n") if line)


WRITTEN = {
    "de": "Am Mo., 23. Nov. 2026 um 10:00 Uhr|schrieb Bo Doe <bo@x.test>:", "fr": "Le lun. 23 nov. 2026 à 10:00,|Bo Doe <bo@x.test> a écrit :", "es": "El lun, 23 nov 2026 a las 10:00, Bo Doe|(<bo@x.test>) escribió:",
    "it": "Il giorno lun 23 nov 2026 alle|ore 10:00 Bo Doe <bo@x.test> ha scritto:", "pt": "Em seg., 23 de nov. de|2026 às 10:00, Bo Doe <bo@x.test> escreveu:", "nl": "Op ma 23 nov 2026 om 10:00|schreef Bo Doe <bo@x.test>:", "sv": "Den mån 23 nov. 2026|kl 10:00 skrev Bo Doe <bo@x.test>:",
    "no": "man. 23. nov. 2026 kl. 10:00|skrev Bo Doe <bo@x.test>:", "da": "Den man. 23. nov. 2026|kl. 10.00 skrev Bo Doe <bo@x.test>:", "fi": "ma 23. marrask. 2026 klo|10.00 Bo Doe (bo@x.test) kirjoitti:", "pl": "pon., 23 lis 2026 o 10:00|Bo Doe <bo@x.test> napisał(a):", "cs": "po 23. 11. 2026 v|10:00 odesílatel Bo Doe <bo@x.test> napsal:",
    "sk": "po 23. 11. 2026 o|10:00 Bo Doe <bo@x.test> napísal(a):", "hu": "Bo Doe <bo@x.test> ezt írta|(időpont: 2026. nov. 23., H, 10:00):", "ro": "În lun., 23 nov. 2026 la|10:00, Bo Doe <bo@x.test> a scris:", "bg": "На пн, 23.11.2026 г. в 10:00|Bo Doe <bo@x.test> написа:", "ru": "пн, 23 нояб. 2026 г.|в 10:00, Bo Doe <bo@x.test>:",
    "uk": "пн, 23 лист. 2026 р. о 10:00|Bo Doe <bo@x.test> пише:", "sr": "пон, 23. нов 2026. у|10:00 Bo Doe <bo@x.test> је написао/ла:", "hr": "pon, 23. stu 2026. u 10:00|Bo Doe <bo@x.test> napisao je:", "sl": "V V pon., 23. nov. 2026 ob|10:00 je oseba Bo Doe <bo@x.test> napisala:", "tr": "Bo Doe <bo@x.test>, 23 Kas|2026 Pzt, 10:00 tarihinde şunu yazdı:",
    "el": "Στις Δευ, 23 Νοε 2026 στις 10:00 π.μ.,|ο χρήστης Bo Doe <bo@x.test> έγραψε:", "et": "Kuupäev E, 23. november 2026|kell 10:00 kirjutas Bo Doe <bo@x.test>:", "lt": "2026-11-23, pr, 10:00 Bo Doe|<bo@x.test> rašė:", "is": "Þann mán., 23. nóv. 2026|kl. 10:00 skrifaði Bo Doe <bo@x.test>:", "ca": "El dl., 23 de nov. 2026, 10:00,|Bo Doe <bo@x.test> va escriure:",
    "ja": "2026年11月23日(月) 10:00|Bo Doe <bo@x.test>:", "zh": "Bo Doe|<bo@x.test> 于2026年11月23日周一 10:00写道:", "ko": "2026년 11월 23일 (월) 오전|10:00, Bo Doe <bo@x.test>님이 작성:", "he": "\u202bבתאריך יום ב׳, 23 בנוב׳ 2026 ב-10:00|מאת \u202aBo Doe\u202c\u200f <\u202abo@x.test\u202c\u200f>:\u202c", "ar": "في الاثنين، 23 نوفمبر 2026 في 10:00 ص|تمت كتابة ما يلي بواسطة Bo Doe <bo@x.test>:",
    "vi": "Vào Th 2, 23 thg 11, 2026|vào lúc 10:00 Bo Doe <bo@x.test> đã viết:", "id": "Pada tanggal Sen, 23 Nov 2026 pukul|10.00 Bo Doe <bo@x.test> menulis:", "th": "ในวันที่ จ. 23 พ.ย. 2026|เวลา 10:00 Bo Doe <bo@x.test> เขียนว่า:", "fa": "در تاریخ دوشنبه ۲۳ نوامبر|۲۰۲۶،\u200f ۱۰:۰۰ Bo Doe <bo@x.test> نوشت:",
}  # fmt: skip


@pytest.mark.parametrize("line", WRITTEN.values(), ids=WRITTEN.keys())
def test_who_wrote_when_is_known_in_many_languages_on_one_line_or_two_e64(line: str) -> None:
    for written, quote in ((line.replace("|", " "), "> old"), (line.replace("|", " "), "old\nwords"), (line.replace("|", "\n"), "> old")):  # fmt: skip
        assert quotes.split(f"New.\n\n{written}\n\n{quote}\n").new == "New.", written


@pytest.mark.parametrize(
    "said",
    ["Yes, 2 of them fail", "On Monday 3 of them came back.", "Le 3 fonctionne", "It is 5, or 7.", "See <a@x.test>, she knows!", "On it"],
)  # fmt: skip
def test_words_right_above_who_wrote_are_not_taken_for_it_e64(said: str) -> None:
    for written in ("On Mon, 23 Nov 2026 at 10:00, Bo <bo@x.test> wrote:", "On 2026-11-23 10:00, Bo wrote:"):
        assert quotes.split(f"{said}\n{written}\n> old").new == said
