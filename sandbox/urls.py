"""Addresses of the sandbox's process."""

from django.urls import path, re_path

from sandbox import hosted, pages
from sandbox.alipay import bills as alipay_bills
from sandbox.alipay import push as _alipay_push  # noqa: F401  registers how Alipay pushes
from sandbox.alipay import views as alipay
from sandbox.bank import credits as bank_credits
from sandbox.bank import views as bank
from sandbox.carrier import views as carrier
from sandbox.fapiao import views as fapiao
from sandbox.gateway import views as gateway
from sandbox.identity import views as identity
from sandbox.scan import merchants as scan_merchants
from sandbox.scan import pages as scan_pages
from sandbox.wechat import bills as wechat_bills
from sandbox.wechat import views as wechat

urlpatterns = [
    re_path(r"^v1(?:/.*)?$", gateway.v1),
    path("bank/v1/transfers", bank.transfers),
    path("bank/v1/transfers/<str:ident>", bank.transfer),
    path("bank/v1/transfers/<str:ident>/advance", bank.advance),
    path("bank/v1/virtual_accounts", bank_credits.accounts),
    path("bank/v1/credits", bank_credits.credits_),
    path("bank/v1/statement", bank.statement),
    path("bank/v1/statements/<str:day>", bank.day_file),
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
    path("identity/v1/checks", identity.checks),
    path("identity/v1/checks/<str:ident>", identity.check),
    path("identity/v1/checks/<str:ident>/amount", identity.amount),
    path("identity/v1/checks/<str:ident>/advance", identity.advance),
    path("identity/v1/callbacks", identity.callbacks),
    path("identity/v1/callbacks/<str:ident>", identity.callback),
    path("fapiao/v1/invoices", fapiao.invoices),
    path("fapiao/v1/invoices/<str:ident>", fapiao.invoice),
    path("fapiao/v1/invoices/<str:ident>/advance", fapiao.advance),
    path("gateway.do", alipay.gateway),
    path("v3/pay/transactions/native", wechat.native),
    path("v3/pay/transactions/out-trade-no/<str:number>", wechat.find),
    path("v3/pay/transactions/out-trade-no/<str:number>/close", wechat.close),
    path("v3/refund/domestic/refunds", wechat.refunds),
    path("v3/refund/domestic/refunds/<str:number>", wechat.refund),
    path("v3/certificates", wechat.certificates),
    path("v3/bill/<str:kind>", wechat_bills.bill),
    path("v3/billdownload/file", wechat_bills.download),
    path("_sandbox/alipay", scan_merchants.alipay),
    path("_sandbox/alipay/bill", alipay_bills.download),
    path("_sandbox/wechat", scan_merchants.wechat),
    path("_sandbox/wechat/<str:mchid>/rotate", scan_merchants.rotate),
    path("_sandbox/scan/<str:token>", scan_pages.scan),
    path("_sandbox/3ds/<str:token>", pages.authenticate),
    path("_sandbox/receipts/<str:ident>", pages.receipt),
    path("_sandbox/onboarding/<str:token>", hosted.onboarding),
    path("_sandbox/checkout/<str:ident>", hosted.checkout_page),
    path("_sandbox/files/<str:token>", hosted.linked_file),
    path("_sandbox/clock", pages.clock_now),
    path("_sandbox/payouts", pages.payouts_now),
    path("_sandbox/magic", pages.magic),
    path("_sandbox/faults", pages.planned_faults),
    path("_sandbox/deliveries", pages.deliveries),
    path("healthz", pages.healthz),
]
