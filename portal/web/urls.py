"""Pages of the roof itself: home, health, modes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
