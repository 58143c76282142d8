"""The addresses of the raw tables, by themselves: who doesn't look at any needn't load them."""

from platforms.admin import site

urlpatterns, app_name, _ = site.urls
