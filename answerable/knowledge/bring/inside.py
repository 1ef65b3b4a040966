"""What an article of a folder refers to: files beside it, never outside of the folder; and what is said of the rest."""

import re
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_TARGET = re.compile(r"(\]\()<?([^()<>\s]{1,500})>?((?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\))")
_OUTSIDE = re.compile(r"[A-Za-z][\w+.-]*:|//|#")


def refusal(root: Path, path: Path) -> str:
    """Why this file is not read; "": it is. `root` is resolved."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "leads nowhere"
    return "" if real.is_relative_to(root) else "leads out of the folder"


def referred(root: Path, path: Path, body: str) -> tuple[str, dict[str, Path], list[str]]:
    """The text with its own files as `file:NAME`, those files, and what its reader will miss."""
    files: dict[str, Path] = {}
    why: list[str] = []
    tokens = _flat(_MARKDOWN.parse(body))
    references = [one for one in tokens if one.type in {"image", "link_open"}]
    targets = {str(one.attrs.get("src") or one.attrs.get("href") or "") for one in references}
    for target in sorted(targets):
        if not target or _OUTSIDE.match(target):
            continue
        found, words = _file(root, path, target)
        if found is None:
            why.append(words)
        elif found not in files.values():
            files[name_for(found, files)] = found
    names = {found: name for name, found in files.items()}

    def renamed(match: re.Match[str]) -> str:
        if _OUTSIDE.match(match[2]):
            return match[0]
        found, _words = _file(root, path, match[2])
        return f"{match[1]}file:{names[found]}{match[3]}" if found in names else match[0]

    if any(one.type in {"html_block", "html_inline"} for one in tokens):
        why.append("has HTML in it, which is shown as text")
    return (_TARGET.sub(renamed, body) if files else body), files, why


def _flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *_flat(token.children or []))]


def _file(root: Path, path: Path, target: str) -> tuple[Path | None, str]:
    shown = target[:80]
    bare = unquote(target.partition("#")[0].partition("?")[0])
    if "\x00" in bare or bare.startswith(("/", "\\")):
        return None, f"refers to {shown}, which is not beside it"
    if bare.lower().endswith((".md", ".markdown")):
        return None, f"links to {shown}: link to its address here once it is brought"
    found = path.parent / bare
    if words := refusal(root, found):
        return None, f"refers to {shown}, which {words}"
    real = found.resolve()
    # Keys and the like: whoever writes an article may not read them.
    if any(part.startswith(".") for part in real.relative_to(root).parts):
        return None, f"refers to {shown}, which is hidden"
    return (real, "") if real.is_file() else (None, f"refers to {shown}, which is no file")


def name_for(found: Path, taken: dict[str, Path]) -> str:
    """A name of its own for a file that it has not yet."""
    base = re.sub(r"[^A-Za-z0-9._-]+", "-", found.stem).strip("-.") or "file"
    name, number = f"{base}{found.suffix}", 2
    while name in taken:
        name, number = f"{base}-{number}{found.suffix}", number + 1
    return name
