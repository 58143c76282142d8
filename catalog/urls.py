"""Addresses of this context besides the API."""

from django.urls import path

from catalog import views

urlpatterns = [path("media/<str:name>", views.media, name="catalog-media")]
