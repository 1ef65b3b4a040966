"""The support center inside other products: below /widget, and the script that a host's page names."""

from django.urls import path

from answerable.widget.views import articles, ask, demo, files, home, requests, session, shell

app_name = "widget"
urlpatterns = [
    path("widget.js", shell.loader, name="loader"),
    path("demo-product", demo.page, name="demo_product"),
    path("demo-product/token", demo.token, name="demo_token"),
    path("widget/<slug:key>", shell.shell, name="shell"),
    path("widget/<slug:key>/session", session.begin, name="begin"),
    path("widget/<slug:key>/session/end", session.end, name="end"),
    path("widget/<slug:key>/live", session.live, name="live"),
    path("widget/<slug:key>/news", session.news, name="news"),
    path("widget/<slug:key>/home", home.home, name="home"),
    path("widget/<slug:key>/search", home.search, name="search"),
    path("widget/<slug:key>/suggestions", home.suggestions, name="suggestions"),
    path("widget/<slug:key>/articles/<int:pk>", articles.article, name="article"),
    path("widget/<slug:key>/articles/<int:pk>/helpful", articles.helpful, name="helpful"),
    path("widget/<slug:key>/articles/<int:number>/files/<int:pk>", articles.ask, name="article_file_address"),
    path("widget/<slug:key>/articles/<int:number>/files/<int:pk>/<str:token>", articles.file, name="article_file"),
    path("widget/<slug:key>/new", ask.show, name="ask"),
    path("widget/<slug:key>/requests", requests.mine, name="requests"),
    path("widget/<slug:key>/requests/<int:number>", requests.one, name="request"),
    path("widget/<slug:key>/requests/<int:number>/reply", requests.reply, name="reply"),
    path("widget/<slug:key>/requests/<int:number>/close", requests.close, name="close"),
    path("widget/<slug:key>/requests/<int:number>/seen", requests.seen, name="seen"),
    path("widget/<slug:key>/requests/<int:number>/files/<int:pk>", files.ask, name="file_address"),
    path("widget/<slug:key>/requests/<int:number>/files/<int:pk>/<str:token>", files.file, name="file"),
    path("widget/<slug:key>/requests/<int:number>/sheets/<int:pk>/<str:token>", files.sheet, name="sheet"),
]
