"""The customer's pages."""

from django.urls import path

from answerable.portal.views import confirm, form, home, link, lists, live, people, request, verbs

app_name = "portal"
urlpatterns = [
    path("", home.show, name="home"),
    path("my/requests", lists.mine, name="my_requests"),
    path("my/cc", lists.copied, name="cc_requests"),
    path("my/organization", lists.organization, name="organization_requests"),
    path("my/live", live.renew, name="live"),
    path("requests/new", form.show, name="form"),
    path("requests/sent", form.sent, name="sent"),
    path("requests/confirm/<str:token>", confirm.show, name="confirm"),
    path("requests/<int:number>", request.show, name="request"),
    path("requests/<int:number>/explain", request.explain, name="explain"),
    path("requests/<int:number>/files/<int:pk>", request.file, name="file"),
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
    path("r/<str:token>", link.show, name="link"),
    path("r/<str:token>/files/<int:pk>", link.file, name="link_file"),
]
