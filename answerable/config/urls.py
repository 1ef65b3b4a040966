"""The URL map: each face under its own prefix."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("answerable.ops.urls")),
    path("accounts/", include("answerable.config.accounts")),
    path("desk/", include("answerable.desk.urls")),
    path("", include("answerable.portal.urls")),
    path("", include("answerable.widget.urls")),
]
