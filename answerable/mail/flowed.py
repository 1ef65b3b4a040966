"""format=flowed and DelSp (RFC 3676; email contract E-62): paragraphs put together again, quotes kept as quotes."""


def unflow(text: str, *, delete_space: bool) -> str:
    """The text with soft line breaks taken out. Lines join only within one depth of quoting."""
    out: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for line in text.split("\n"):
        if not paragraph and line[-1:] != " " and line[:1] not in (" ", ">"):
            out.append(line)
            continue
        level, words = _unquoted(line)
        if paragraph and (level != depth or words == "-- "):
            out.append(_finished(paragraph, depth, delete_space=delete_space))
            paragraph = []
        depth = level
        paragraph.append(words)
        if words == "-- " or not words.endswith(" "):
            out.append(_finished(paragraph, depth, delete_space=delete_space))
            paragraph = []
    if paragraph:
        out.append(_finished(paragraph, depth, delete_space=delete_space))
    return "\n".join(out)


def _unquoted(line: str) -> tuple[int, str]:
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")


def _finished(paragraph: list[str], depth: int, *, delete_space: bool) -> str:
    *soft, last = paragraph
    if delete_space:
        soft = [line[:-1] for line in soft]
    # A soft break with nothing after it on this level is a hard one.
    words = "".join(soft) + (last if last == "-- " else last.rstrip(" "))
    return f"{'>' * depth} {words}" if depth else words
