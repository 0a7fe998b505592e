from django.urls import URLPattern

app_name = "prepay-balance"
urlpatterns: list[URLPattern] = []
