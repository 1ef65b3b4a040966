"""The customer's pages."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import include, path, re_path, register_converter

from answerable.portal.converters import Slug
from answerable.portal.seeing import with_eyes
from answerable.portal.views import (
    confirm,
    drill,
    entries,
    form,
    help_center,
    help_feedback,
    help_feeds,
    help_files,
    help_search,
    home,
    ladder,
    link,
    lists,
    live,
    old_addresses,
    people,
    rate,
    request,
    robots,
    seeing,
    support,
    verbs,
)

app_name = "portal"
register_converter(Slug, "tail")
# What staff may look at with a customer's eyes, too: reading alone. Whatever is not named here is refused below /as/….
READING: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("my/requests", lists.mine, "my_requests"),
    ("my/cc", lists.copied, "cc_requests"),
    ("my/organization", lists.organization, "organization_requests"),
    ("requests/<int:number>", request.show, "request"),
    ("requests/<int:number>/explain", request.explain, "explain"),
    ("requests/<int:number>/files/<int:pk>", entries.file, "file"),
    ("requests/<int:number>/entries/<int:pk>/sheet", entries.sheet, "sheet"),
]
seen = [
    path("", with_eyes(seeing.enter), name="home"),
    *(path(route, with_eyes(view), name=name) for route, view, name in READING),
    path("<path:rest>", seeing.nothing, name="nothing"),
]
urlpatterns = [
    path("", home.show, name="home"),
    *(path(route, view, name=name) for route, view, name in READING),
    path("my/live", live.renew, name="live"),
    path("requests/new", form.show, name="form"),
    path("requests/sent", form.sent, name="sent"),
    path("requests/confirm/<str:token>", confirm.show, name="confirm"),
    path("requests/<int:number>/reply", verbs.reply, name="reply"),
    path("requests/<int:number>/close", verbs.close, name="close"),
    path("requests/<int:number>/reopen", verbs.reopen, name="reopen"),
    path("requests/<int:number>/severity", verbs.severity, name="severity"),
    path("requests/<int:number>/cc", people.add, name="cc_add"),
    path("requests/<int:number>/cc/<int:pk>", people.answer, name="cc_answer"),
    path("requests/<int:number>/cc/<int:pk>/remove", people.remove, name="cc_remove"),
    path("requests/<int:number>/ask", people.ask, name="cc_ask"),
    path("requests/<int:number>/sensitive", people.sensitive, name="sensitive"),
    path("requests/<int:number>/links/end", people.end_links, name="links_end"),
    path("requests/<int:number>/escalate", ladder.ask, name="ladder_ask"),
    path("requests/<int:number>/escalate/next", ladder.climb, name="ladder_climb"),
    path("requests/<int:number>/escalate/over", ladder.over, name="ladder_over"),
    path("drill", drill.take, name="drill"),
    path("ladder/<str:token>", ladder.by_mail, name="ladder_answer"),
    path("rate/<str:token>", rate.show, name="rate"),
    path("r/<str:token>", link.show, name="link"),
    path("r/<str:token>/files/<int:pk>", link.file, name="link_file"),
    path("r/<str:token>/entries/<int:pk>/sheet", link.sheet, name="link_sheet"),
    path("support", support.show, name="support"),
    path("support.json", support.data, name="support_json"),
    path("robots.txt", robots.robots, name="robots"),
    path("help", help_center.home, name="help"),
    path("help/sections/<int:pk><tail:slug>", help_center.section, name="help_section"),
    path("help/articles/<int:pk><tail:slug>", help_center.article, name="help_article"),
    path("help/articles/<int:pk>/feedback", help_feedback.feedback, name="help_feedback"),
    path("help/search", help_search.find, name="help_search"),
    path("help/suggestions", help_search.suggestions, name="help_suggestions"),
    path("help/latest.atom", help_feeds.latest, name="help_latest"),
    # A help center that was here before this one: other sites and old mails know these.
    *(
        re_path(rf"^hc/(?P<locale>[\w-]{{2,10}})/{kind}/(?P<pk>\d{{1,20}})(?P<rest>-[^/]*)?$", view, name=name)
        for kind, view, name in (
            ("articles", old_addresses.article, "old_article"),
            ("sections", old_addresses.section, "old_section"),
            ("categories", old_addresses.category, "old_category"),
        )
    ),
    path("sitemap.xml", help_feeds.sitemap, name="sitemap"),
    path("help/articles/<int:pk>/files/<int:file>/<str:called>", help_files.show, name="help_file"),
    path("as/<int:person>/", include((seen, "seen"))),
]
