"""Pages for machines: health."""

from django.conf import settings
from django.urls import path

from answerable.ops import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
if settings.BENCH:
    urlpatterns.append(path("floor", views.floor, name="floor"))
