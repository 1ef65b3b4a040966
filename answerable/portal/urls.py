"""The customer's pages."""

from django.urls import path

from answerable.portal.views import confirm, form, home, lists, live, request, verbs

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
]
