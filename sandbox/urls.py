"""Addresses of the sandbox's process."""

from django.urls import path, re_path

from sandbox import pages
from sandbox.bank import views as bank
from sandbox.carrier import views as carrier
from sandbox.gateway import views as gateway

urlpatterns = [
    re_path(r"^v1(?:/.*)?$", gateway.v1),
    path("bank/v1/transfers", bank.transfers),
    path("bank/v1/transfers/<str:ident>", bank.transfer),
    path("bank/v1/transfers/<str:ident>/advance", bank.advance),
    path("bank/v1/statement", bank.statement),
    path("bank/v1/balance", bank.balance),
    path("bank/v1/callbacks", bank.callbacks),
    path("bank/v1/callbacks/<str:ident>", bank.callback),
    path("carrier/v1/waybills", carrier.waybills),
    path("carrier/v1/waybills/<str:no>", carrier.waybill),
    path("carrier/v1/waybills/<str:no>/events", carrier.events),
    path("carrier/v1/waybills/<str:no>/advance", carrier.advance),
    path("carrier/v1/waybills/<str:no>/cancel", carrier.cancel),
    path("carrier/v1/labels/<str:token>.png", carrier.label),
    path("carrier/v1/callbacks", carrier.callbacks),
    path("carrier/v1/callbacks/<str:ident>", carrier.callback),
    path("_sandbox/3ds/<str:token>", pages.authenticate),
    path("_sandbox/receipts/<str:ident>", pages.receipt),
    path("_sandbox/magic", pages.magic),
    path("_sandbox/faults", pages.planned_faults),
    path("_sandbox/deliveries", pages.deliveries),
    path("healthz", pages.healthz),
]
