"""The desk's pages and the posts they make."""

from django.urls import path

from answerable.desk.views import live, mail, notices, outbox, policy, queue, sso, ticket, verbs

app_name = "desk"
urlpatterns = [
    path("", queue.show, name="queue"),
    path("views/<slug:view>", queue.show, name="view"),
    path("live", live.renew, name="live"),
    path("tickets/<int:number>", ticket.show, name="ticket"),
    path("tickets/<int:number>/explain", ticket.explain, name="explain"),
    path("tickets/<int:number>/excuse", verbs.excuse, name="excuse"),
    path("tickets/<int:number>/files/<int:pk>", ticket.file, name="file"),
    path("tickets/<int:number>/reply", verbs.reply, name="reply"),
    path("tickets/<int:number>/note", verbs.note, name="note"),
    path("tickets/<int:number>/status", verbs.status, name="status"),
    path("tickets/<int:number>/assign", verbs.assign, name="assign"),
    path("tickets/<int:number>/severity", verbs.severity, name="severity"),
    path("tickets/<int:number>/cc/<int:pk>", verbs.settle_cc, name="cc"),
    path("tickets/<int:number>/held/<int:pk>", verbs.settle_held, name="held"),
    path("notices", notices.show, name="notices"),
    path("notices/badge", notices.badge, name="notices_badge"),
    path("notices/read", notices.read, name="notices_read"),
    path("notices/<int:pk>", notices.follow, name="notice"),
    path("policy", policy.show, name="policy"),
    path("policy/replans", policy.walks, name="policy_replans"),
    path("policy/versions", policy.all_versions, name="policy_versions"),
    path("policy/versions/<int:number>", policy.one_version, name="policy_version"),
    path("sso/<slug:organization>/test", sso.test, name="sso"),
    path("mail", mail.show, name="mail"),
    path("mail/<int:pk>", mail.message, name="message"),
    path("mail/<int:pk>/raw", mail.raw, name="raw"),
    path("outbox", outbox.show, name="outbox"),
    path("outbox/<int:pk>", outbox.message, name="outbox_message"),
]
