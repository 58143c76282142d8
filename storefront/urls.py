"""The addresses of the pages; below ``/p/<code>/`` or a platform's own host."""

from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from storefront.views import account, frame, mail
from storefront.views.merchant import keys, money, products, stock
from storefront.views.merchant import orders as merchant_orders
from storefront.views.operator import machinery, merchants
from storefront.views.operator import today as operator_today
from storefront.views.shop import browse, cart, checkout, orders, product

app_name = "storefront"

_shop = [
    path("", browse.home, name="home"),
    path("products/", browse.products, name="products"),
    path("categories/<path:path>/", browse.category, name="category"),
    path("shops/<slug:slug>/", browse.merchant, name="merchant"),
    path("products/<slug:slug>/", product.product, name="product"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add, name="cart_add"),
    path("cart/change/", cart.change, name="cart_change"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/return/<uuid:key>/", checkout.come_back, name="checkout_return"),
    path("purchases/<str:group>/", orders.group, name="group"),
    path("orders/<str:order>/", orders.order, name="order"),
    path("orders/<str:order>/cancel/", orders.cancel, name="order_cancel"),
]
_account = [
    path("account/", orders.account, name="account"),
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-up/", account.sign_up, name="sign_up"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("start/", account.start, name="start"),
    path("role/", account.use_role, name="use_role"),
    path("reset/", account.ask_reset, name="ask_reset"),
    path("reset/<str:token>/", account.reset, name="reset"),
    path("invitations/<str:token>/", account.invitation, name="invitation"),
]
_merchant = [
    path("merchant/", merchant_orders.today, name="merchant_today"),
    path("merchant/orders/", merchant_orders.orders, name="merchant_orders"),
    path("merchant/orders/<str:order>/", merchant_orders.order, name="merchant_order"),
    path("merchant/orders/<str:order>/act/", merchant_orders.act, name="merchant_order_act"),
    path("merchant/products/", products.products, name="merchant_products"),
    path("merchant/products/new/", products.create, name="merchant_product_create"),
    path("merchant/products/<str:product>/", products.product, name="merchant_product"),
    path("merchant/products/<str:product>/act/", products.act, name="merchant_product_act"),
    path(
        "merchant/products/<str:product>/pictures/",
        products.picture,
        name="merchant_product_picture",
    ),
    path("merchant/stock/", stock.stock, name="merchant_stock"),
    path("merchant/stock/movements/", stock.movements, name="merchant_movements"),
    path("merchant/stock/write/", stock.write, name="merchant_stock_write"),
    path("merchant/stock/new/", stock.begin, name="merchant_stock_begin"),
    path("merchant/warehouses/new/", stock.add_warehouse, name="merchant_warehouse_add"),
    path("merchant/money/", money.money, name="merchant_money"),
    path("merchant/money/payout/", money.pay_out, name="merchant_pay_out"),
    path("merchant/keys/", keys.keys, name="merchant_keys"),
    path("merchant/keys/revoke/", keys.revoke, name="merchant_key_revoke"),
]
_operator = [
    path("operator/", operator_today.today, name="operator_today"),
    path("operator/merchants/", merchants.listing, name="operator_merchants"),
    path("operator/merchants/<str:merchant>/", merchants.detail, name="operator_merchant"),
    path("operator/merchants/<str:merchant>/act/", merchants.act, name="operator_merchant_act"),
    path(
        "operator/merchants/<str:merchant>/invite/",
        merchants.invite,
        name="operator_merchant_invite",
    ),
    path("operator/attention/", machinery.attention, name="operator_attention"),
    path("operator/attention/<str:journey>/", machinery.journey, name="operator_journey"),
    path(
        "operator/attention/<str:journey>/act/",
        machinery.act_on_journey,
        name="operator_journey_act",
    ),
    path("operator/events/", machinery.events, name="operator_events"),
    path("operator/events/act/", machinery.act_on_event, name="operator_event_act"),
    path("operator/jobs/", machinery.jobs, name="operator_jobs"),
    path("operator/audit/", machinery.audit, name="operator_audit"),
]
_frame = [
    path("robots.txt", frame.robots, name="robots"),
    path("favicon.ico", frame.favicon, name="favicon"),
    path("mail/", mail.letters, name="mail"),
    path("styleguide/", frame.styleguide, name="styleguide"),
    path("manifest.webmanifest", frame.manifest, name="manifest"),
    path("sw.js", frame.service_worker, name="service_worker"),
    path("offline/", frame.offline, name="offline"),
    path("i18n/setlang/", set_language, name="set_language"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    *_shop,
    *_account,
    *_merchant,
    *_operator,
    *_frame,
]
