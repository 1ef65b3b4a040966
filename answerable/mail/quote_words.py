"""How mail programs announce a quote, in the languages they speak (email contract E-64). Only words live here."""

import re

# The line our own mails carry; translations of it must be among these.
REPLY_MARKS = (
    "## Reply above this line ##",
    "## Bitte über dieser Linie antworten ##",
    "## Répondez au-dessus de cette ligne ##",
    "## Responda por encima de esta línea ##",
    "## Rispondi sopra questa riga ##",
    "## Responda acima desta linha ##",
    "## Antwoord boven deze regel ##",
    "## Svara ovanför den här raden ##",
    "## Svar over denne linje ##",
    "## Vastaa tämän rivin yläpuolelle ##",
    "## Odpowiedz powyżej tej linii ##",
    "## Odpovězte nad tento řádek ##",
    "## Ответьте выше этой строки ##",
    "## この行より上に返信してください ##",
    "## 请在此行上方回复 ##",
)


def _phrases(source: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in source.split("|")]


def _one_of(source: str) -> str:
    """A pattern for any of the phrases between the bars."""
    return "(?:" + "|".join(map(re.escape, sorted(_phrases(source), key=len, reverse=True))) + ")"


_NO_LETTER_AFTER = r"(?![^\W_])"

# "… wrote:", wherever it stands in the line.
WROTE = re.compile(
    rf"""(?<![^\W_]){
        _one_of('''
        wrote | writes | schrieb | geschrieben | a écrit | écrivait | escribió | ha scritto | scrive | escreveu
        | schreef | geschreven | skrev | skrifaði | kirjoitti | napisał | napisała | napisał(a) | pisze | napsal
        | napsala | napsal(a) | napísal | napísala | napísal(a) | írta
        | a scris | пишет | писал | писала | написал
        | написала | написал(а) | пише | написав | написала | написав(ла) | написа | piše
        | napisao | napisao/la | je napisal | napisal | napisala | написао | написао/ла | написа/ла
        | έγραψε | yazdı | rašė | rakstīja | kirjutas | va escriure | idatzi du | escribiu | đã viết | menulis
    ''')
    }{_NO_LETTER_AFTER}|{
        _one_of('''
        כתב | كتب | نوشت | 写道 | 寫道 | 書きました | のメール | 작성
        | เขียนว่า | ने लिखा
    ''')
    }""",
    re.IGNORECASE,
)
# How such a line begins: "On", "Am", a date, a short weekday.
LEAD = re.compile(
    rf"""["'*_]{{0,2}}(?:{
        _one_of('''
        on | am | le | el | il | em | op | den | dne | dňa | w dniu | pe | în | la | στις | vào | pada | в | на | na
        | dana | kl | in | at | från | på | a | þann | kuupäev | v | בתאריך | في | در تاریخ | ในวันที่
    ''')
    }\s|\d{{1,4}}[-./年년\s]|[^\W\d]{{2,4}}(?:[.,]{{1,2}}\s|\s\d{{1,2}}[.\s]))""",
    re.IGNORECASE,
)
# One that begins with such a word goes on for no line above it.
FIRST = re.compile(
    rf"""["'*_]{{0,2}}{_one_of("on | am | le | el | il | em | op | den | dne | w dniu | pe | în | στις | pada")}\s""",
    re.IGNORECASE,
)

_RULE = r"[-_=*\s]{2,60}"
ORIGINAL = re.compile(
    _RULE
    + _one_of("""
        original message | original appointment | ursprüngliche nachricht | originalnachricht | message d'origine
        | message d’origine | message original | mensaje original | messaggio originale | mensagem original
        | oorspronkelijk bericht | ursprungligt meddelande | oprindelig meddelelse | opprinnelig melding
        | alkuperäinen viesti | wiadomość oryginalna | oryginalna wiadomość | původní zpráva | pôvodná správa
        | eredeti üzenet | mesaj original | mesajul original | исходное сообщение | оригинальное сообщение
        | оригінальне повідомлення | orijinal mesaj | orijinal ileti | özgün ileti | αρχικό μήνυμα | 原始邮件 | 原始郵件
        | 元のメッセージ | 원본 메시지 | thư gốc | pesan asli | הודעה מקורית | الرسالة الأصلية
    """)
    + _RULE
    + "[:：]?",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"[-_=*\s]{0,60}"
    + _one_of("""
        begin forwarded message | forwarded message | forwarded by | weitergeleitete nachricht
        | anfang der weitergeleiteten nachricht | message transféré | début du message transféré
        | début du message réexpédié | mensaje reenviado | inicio del mensaje reenviado | messaggio inoltrato
        | inizio messaggio inoltrato | mensagem encaminhada | mensagem reencaminhada | doorgestuurd bericht
        | vidarebefordrat meddelande | videresendt meddelelse | videresendt melding | välitetty viesti
        | wiadomość przekazana | przekazana wiadomość | přeposlaná zpráva | továbbított üzenet | пересылаемое сообщение
        | пересланное сообщение | iletilen mesaj | iletilen ileti | 转发邮件 | 转发的邮件 | 转发信息 | 転送メッセージ
        | 転送されたメッセージ | 전달된 메시지
    """)
    + _NO_LETTER_AFTER,
    re.IGNORECASE,
)

_HEADER_NAMES = {
    "from": """
        from | von | de | da | van | från | fra | lähettäjä | od | feladó | от | від | kimden | gönderen | 发件人
        | 寄件者 | 差出人 | 보낸 사람 | 보낸사람 | από | de la
        | מאת | من | từ | dari | expéditeur | remitente | mittente
    """,
    "date": """
        sent | date | gesendet | datum | envoyé | envoyé le | enviado | enviado el | enviada em | fecha | data | inviato
        | verzonden | skickat | sendt | dato | lähetetty | päivämäärä | wysłano | odesláno | odoslané | elküldve | dátum
        | отправлено | дата | надіслано | gönderildi | gönderilme tarihi | tarih | 发送时间 | 日期 | 傳送時間
        | 送信日時
        | 日時 | 보낸 날짜 | 날짜 | στάλθηκε | ημερομηνία | trimis | נשלח | תאריך | đã gửi | ngày | dikirim | tanggal
    """,
    "to": """
        to | an | à | para | a | per | aan | till | til | vastaanottaja | do | komu | címzett | кому | kime | alıcı
        | 收件人 | 宛先 | 받는 사람 | 받는사람 | προς | către | אל | đến | kepada | cc | kopie | copie | kopia | kópia
        | копия | 抄送
    """,
    "subject": """
        subject | betreff | objet | asunto | oggetto | assunto | onderwerp | ämne | emne | aihe | temat | předmět
        | predmet | tárgy | тема | konu | 主题 | 主旨 | 件名 | 제목 | θέμα | subiect | נושא | chủ đề | subjek | perihal
    """,
}
# `Von`, `Gesendet`, … to what it stands for: from, date, to, subject.
HEADER_KIND = {phrase: kind for kind, source in _HEADER_NAMES.items() for phrase in _phrases(source)}
