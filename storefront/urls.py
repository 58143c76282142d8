"""The addresses of the pages; below ``/p/<code>/`` or a platform's own host."""

from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from storefront import (
    urls_account,
    urls_cancelling,
    urls_onboarding,
    urls_parcels,
    urls_prices,
    urls_promotions,
    urls_returns,
    urls_shops,
    urls_stock,
)
from storefront.catalogue_urls import CATALOGUE
from storefront.views import (
    certificates,
    frame,
    identity,
    invoices,
    ledgers,
    mail,
    pay,
    picking,
    saved,
    searches,
    staff,
    templates,
    verify,
)
from storefront.views import seals as own_seals
from storefront.views.contracts import companies as contract_companies
from storefront.views.contracts import draft as contract_draft
from storefront.views.contracts import inbox as contract_inbox
from storefront.views.contracts import one as contract_one
from storefront.views.merchant import bulk, disputes, keys, money, products, terms, webhooks
from storefront.views.merchant import invoices as merchant_invoices
from storefront.views.merchant import orders as merchant_orders
from storefront.views.merchant import tax as merchant_tax
from storefront.views.operator import (
    authority,
    contracts,
    identities,
    ledger,
    machinery,
    merchants,
    order_contracts,
    seals,
    tuning,
)
from storefront.views.operator import guarantee as desk
from storefront.views.operator import invoices as operator_invoices
from storefront.views.operator import money as operator_money
from storefront.views.operator import operations as operator_operations
from storefront.views.operator import plans as operator_plans
from storefront.views.operator import reconciliation as recon
from storefront.views.operator import tax as operator_tax
from storefront.views.operator import terms as operator_terms
from storefront.views.operator import today as operator_today
from storefront.views.operator import trail as operator_trail
from storefront.views.shop import (
    cart,
    checkout,
    guarantee,
    home,
    orders,
    product,
    search,
    sitemaps,
)

app_name = "storefront"

_shop = [
    path("", home.home, name="home"),
    path("products/", search.products, name="products"),
    path("search/", search.products, name="search"),
    path("search/suggest/", search.suggest, name="suggest"),
    path("search/keep/", searches.keep, name="keep_search"),
    path("categories/<path:path>/", search.category, name="category"),
    path("products/<slug:slug>/", product.product, name="product"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add, name="cart_add"),
    path("cart/change/", cart.change, name="cart_change"),
    path("cart/code/", cart.code, name="cart_code"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/return/<uuid:key>/", checkout.come_back, name="checkout_return"),
    path("pay/<str:token>/", pay.pay, name="pay"),
    path("purchases/<str:group>/", orders.group, name="group"),
    path("orders/<str:order>/", orders.order, name="order"),
    path("orders/<str:order>/cancel/", orders.cancel, name="order_cancel"),
    path("orders/<str:order>/again/", saved.again, name="order_again"),
    path("orders/<str:order>/accept/", guarantee.accept, name="order_accept"),
    path("orders/<str:order>/complain/", guarantee.complain, name="order_complain"),
    path("orders/<str:order>/evidence/", guarantee.evidence, name="order_evidence"),
    path("orders/<str:order>/invoice/", invoices.of_order, name="order_invoice"),
    path("orders/<str:order>/invoice/act/", invoices.act, name="order_invoice_act"),
    path("invoices/<str:token>/", invoices.sheet, name="invoice_sheet"),
    path("verify/", verify.verify, name="verify"),
    path("verify/<str:code>/", verify.code, name="verify_code"),
]
_contracts = [
    path("contracts/", contract_inbox.inbox, name="contracts"),
    path("contracts/new/", contract_draft.new, name="contract_new"),
    path("contracts/companies/", contract_companies.companies, name="contract_companies"),
    path(
        "contracts/invitations/<str:secret>/", contract_one.invitation, name="contract_invitation"
    ),
    path("contracts/<str:contract>/", contract_one.contract, name="contract"),
    path("contracts/<str:contract>/act/", contract_one.act, name="contract_act"),
    path("contracts/<str:contract>/edit/", contract_draft.edit, name="contract_edit"),
    path("contracts/<str:contract>/sign/", contract_one.sign, name="contract_sign"),
    path("contracts/<str:contract>/amend/", contract_draft.amend, name="contract_amend"),
    path("contracts/<str:contract>/end/", contract_draft.terminate, name="contract_end"),
    path("contracts/<str:contract>/document/", contract_one.document, name="contract_document"),
    path(
        "contracts/<str:contract>/pages/<int:page>/", contract_one.picture, name="contract_picture"
    ),
    path("contracts/<str:contract>/evidence/", contract_one.evidence, name="contract_evidence"),
]
_certificates = [
    path("certificates/", certificates.listing, name="certificates"),
    path("certificates/new/", certificates.apply, name="certificate_apply"),
    path("certificates/<str:certificate>/", certificates.one, name="certificate"),
    path("certificates/<str:certificate>/act/", certificates.act, name="certificate_act"),
    path(
        "certificates/<str:certificate>/<slug:form>/",
        certificates.download,
        name="certificate_download",
    ),
    path("merchant/seals/", own_seals.listing, name="seals"),
    path("merchant/seals/new/", own_seals.apply, name="seal_apply"),
    path("merchant/seals/<str:seal>/", own_seals.one, name="seal"),
    path("merchant/seals/<str:seal>/act/", own_seals.act, name="seal_act"),
    path("merchant/seals/<str:seal>/picture/", own_seals.picture, name="seal_picture"),
    path("merchant/seals/<str:seal>/uses/", own_seals.uses, name="seal_uses"),
    path("merchant/bulk/", bulk.bulk, name="bulk"),
    path("merchant/bulk/withdraw/", bulk.withdraw, name="bulk_withdraw"),
    path("merchant/bulk/<str:bulk>/", bulk.one, name="bulk_one"),
    path("merchant/bulk/<str:bulk>/cancel/", bulk.cancel, name="bulk_cancel"),
    path("merchant/bulk/<str:bulk>/<int:place>/", bulk.document, name="bulk_document"),
]
_merchant = [
    path("merchant/", merchant_orders.today, name="merchant_today"),
    path("merchant/orders/", merchant_orders.orders, name="merchant_orders"),
    path("merchant/orders/<str:order>/", merchant_orders.order, name="merchant_order"),
    path("merchant/orders/<str:order>/act/", merchant_orders.act, name="merchant_order_act"),
    path("merchant/products/", products.products, name="merchant_products"),
    path("merchant/products/many/", products.many, name="merchant_products_many"),
    path("merchant/products/new/", products.create, name="merchant_product_create"),
    path("merchant/products/<str:product>/", products.product, name="merchant_product"),
    path("merchant/products/<str:product>/act/", products.act, name="merchant_product_act"),
    path(
        "merchant/products/<str:product>/pictures/",
        products.picture,
        name="merchant_product_picture",
    ),
    path("merchant/money/", money.money, name="merchant_money"),
    path("merchant/money/payout/", money.pay_out, name="merchant_pay_out"),
    path("merchant/invoices/", merchant_invoices.listing, name="merchant_invoices"),
    path("merchant/invoices/issue/", merchant_invoices.issue_many, name="merchant_invoices_issue"),
    path("merchant/invoices/file/", merchant_invoices.file, name="merchant_invoices_file"),
    path("merchant/invoices/tax/", merchant_invoices.tax, name="merchant_tax"),
    path("merchant/invoices/tax/goods/", merchant_tax.goods, name="merchant_tax_goods"),
    path("merchant/invoices/tax/class/", merchant_tax.one, name="merchant_tax_class"),
    path("merchant/invoices/<str:asked>/", merchant_invoices.one, name="merchant_invoice"),
    path("merchant/invoices/<str:asked>/act/", merchant_invoices.act, name="merchant_invoice_act"),
    path(
        "merchant/invoices/<str:asked>/<str:invoice>/fapiao/",
        merchant_invoices.statutory,
        name="merchant_fapiao",
    ),
    path("merchant/sheets/<str:invoice>/", merchant_invoices.sheet, name="merchant_sheet"),
    path("merchant/identity/", identity.merchant, name="merchant_identity"),
    path("merchant/ledger/", ledgers.accounts, name="merchant_ledger"),
    path("merchant/ledger/<str:account>/", ledgers.statement, name="merchant_statement"),
    path("merchant/money/statement/", terms.statement, name="merchant_order_statement"),
    path("merchant/money/payouts/<str:payout>/", terms.payout, name="merchant_payout"),
    path("merchant/money/plan/", terms.plan, name="merchant_plan"),
    path("merchant/money/account/", terms.account, name="merchant_account"),
    path("merchant/disputes/<str:dispute>/", disputes.dispute, name="merchant_dispute"),
    path("merchant/disputes/<str:dispute>/act/", disputes.act, name="merchant_dispute_act"),
    path(
        "merchant/disputes/<str:dispute>/files/<str:piece>/",
        disputes.file,
        name="merchant_dispute_file",
    ),
    path("merchant/keys/", keys.keys, name="merchant_keys"),
    path("merchant/keys/revoke/", keys.revoke, name="merchant_key_revoke"),
    path("merchant/webhooks/", webhooks.listing, name="merchant_webhooks"),
    path("merchant/webhooks/<str:webhook>/", webhooks.one, name="merchant_webhook"),
    path("merchant/webhooks/<str:webhook>/act/", webhooks.act, name="merchant_webhook_act"),
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
    path("operator/guarantee/", desk.desk, name="operator_guarantee"),
    path(
        "operator/guarantee/accounts/act/",
        desk.act_on_account,
        name="operator_account_act",
    ),
    path("operator/guarantee/<str:dispute>/", desk.dispute, name="operator_dispute"),
    path("operator/guarantee/<str:dispute>/act/", desk.act, name="operator_dispute_act"),
    path(
        "operator/guarantee/<str:dispute>/files/<str:piece>/",
        desk.file,
        name="operator_dispute_file",
    ),
    path("operator/attention/", machinery.attention, name="operator_attention"),
    path("operator/attention/<str:journey>/", machinery.journey, name="operator_journey"),
    path(
        "operator/attention/<str:journey>/act/",
        machinery.act_on_journey,
        name="operator_journey_act",
    ),
    path("operator/transfers/", operator_money.credits_, name="operator_credits"),
    path(
        "operator/transfers/<str:credit>/act/",
        operator_money.act_on_credit,
        name="operator_credit_act",
    ),
    path("operator/terms/", operator_terms.overview, name="operator_terms"),
    path("operator/terms/new/", operator_terms.new_rule, name="operator_rule_new"),
    path("operator/terms/payouts/<str:merchant>/", operator_plans.payout, name="operator_plan"),
    path(
        "operator/terms/payouts/<str:merchant>/hold/",
        operator_plans.hold,
        name="operator_plan_hold",
    ),
    path(
        "operator/terms/instalments/",
        operator_plans.new_terms,
        name="operator_instalment_terms",
    ),
    path(
        "operator/terms/instalments/<str:terms>/remove/",
        operator_plans.remove_terms,
        name="operator_instalment_terms_remove",
    ),
    path("operator/terms/<str:rule>/end/", operator_terms.end_rule, name="operator_rule_end"),
    path("operator/contracts/rule/", order_contracts.rule, name="operator_order_contracts"),
    path("operator/contracts/", contracts.listing, name="operator_contracts"),
    path("operator/contracts/<str:contract>/", contracts.contract, name="operator_contract"),
    path(
        "operator/contracts/<str:contract>/<slug:what>/",
        contracts.open_file,
        name="operator_contract_open",
    ),
    path("operator/invoices/", operator_invoices.listing, name="operator_invoices"),
    path("operator/invoices/tax/", operator_tax.listing, name="operator_tax"),
    path("operator/invoices/tax/class/", operator_tax.one, name="operator_tax_class"),
    path("operator/invoices/<str:invoice>/", operator_invoices.sheet, name="operator_invoice"),
    path("operator/ways-to-pay/", operator_money.providers, name="operator_providers"),
    path("operator/ways-to-pay/<str:name>/", operator_money.provider, name="operator_provider"),
    path("operator/events/", machinery.events, name="operator_events"),
    path("operator/events/act/", machinery.act_on_event, name="operator_event_act"),
    path("operator/search/", tuning.report, name="operator_search"),
    path("operator/search/propose/", tuning.propose, name="operator_propose"),
    path("operator/search/rules/", tuning.rules, name="operator_search_rules"),
    path("operator/search/rules/new/", tuning.new_rule, name="operator_new_rule"),
    path("operator/search/synonyms/new/", tuning.new_synonym, name="operator_new_synonym"),
    path("operator/search/redirects/new/", tuning.new_redirect, name="operator_new_redirect"),
    path("operator/search/act/<str:kind>/<str:thing>/", tuning.act, name="operator_search_act"),
    path("operator/search/weights/", tuning.weights, name="operator_weights"),
    path("operator/search/versions/", tuning.versions, name="operator_versions"),
    path("operator/search/publish/", tuning.publish, name="operator_publish"),
    path("operator/search/index/", tuning.index, name="operator_index"),
    path("operator/search/index/retry/", tuning.retry, name="operator_index_retry"),
    path("operator/reconciliation/", recon.days, name="operator_recon"),
    path("operator/reconciliation/run/", recon.run, name="operator_recon_run"),
    path("operator/reconciliation/statements/", recon.hand_in, name="operator_recon_hand_in"),
    path(
        "operator/reconciliation/statements/<str:statement>/",
        recon.statement,
        name="operator_recon_statement",
    ),
    path("operator/reconciliation/exceptions/", recon.exceptions, name="operator_recon_exceptions"),
    path(
        "operator/reconciliation/exceptions/<str:exception>/",
        recon.exception,
        name="operator_recon_exception",
    ),
    path("operator/reconciliation/<str:day>/", recon.day, name="operator_recon_day"),
    path("operator/ledger/", ledger.overview, name="operator_ledger"),
    path("operator/ledger/check/", ledger.check, name="operator_ledger_check"),
    path("operator/ledger/alarms/<str:alarm>/", ledger.acknowledge, name="operator_alarm_act"),
    path("operator/ledger/seals/<str:day>/", ledger.seal, name="operator_day_seal"),
    path("operator/ledger/entries/", ledger.entries, name="operator_entries"),
    path("operator/ledger/entries/new/", ledger.propose, name="operator_propose_entry"),
    path("operator/ledger/entries/<str:entry>/", ledger.entry, name="operator_entry"),
    path("operator/ledger/entries/<str:entry>/act/", ledger.decide, name="operator_entry_act"),
    path("operator/ledger/<str:account>/", ledger.statement, name="operator_statement"),
    path("operator/jobs/", machinery.jobs, name="operator_jobs"),
    path("operator/operations/", operator_operations.overview, name="operator_operations"),
    path("operator/audit/", operator_trail.listing, name="operator_audit"),
]
_certification = [
    path("operator/identities/", identities.queue, name="operator_identities"),
    path("operator/identities/<str:identity>/", identities.detail, name="operator_identity"),
    path("operator/identities/<str:identity>/act/", identities.act, name="operator_identity_act"),
    path(
        "operator/identities/<str:identity>/papers/<str:paper>/",
        identities.paper,
        name="operator_paper",
    ),
    path("operator/authority/", authority.overview, name="operator_authority"),
    path("operator/authority/publish/", authority.publish, name="operator_publish_list"),
    path("operator/authority/kinds/<str:code>/", authority.kind, name="operator_kind"),
    path("operator/certificates/", authority.certificates, name="operator_certificates"),
    path(
        "operator/certificates/<str:certificate>/",
        authority.certificate,
        name="operator_certificate",
    ),
    path(
        "operator/certificates/<str:certificate>/act/",
        authority.act,
        name="operator_certificate_act",
    ),
    path(
        "operator/certificates/<str:certificate>/file/",
        authority.certificate_file,
        name="operator_certificate_file",
    ),
    path("operator/timestamps/", authority.timestamps, name="operator_timestamps"),
    path("operator/seals/", seals.listing, name="operator_seals"),
    path("operator/seals/<str:seal>/", seals.detail, name="operator_seal"),
    path("operator/seals/<str:seal>/picture/", seals.picture, name="operator_seal_picture"),
    path("operator/seals/<str:seal>/act/", seals.act, name="operator_seal_act"),
    *templates.addresses("merchant"),
    *templates.addresses("operator"),
    *staff.addresses("merchant"),
    *staff.addresses("operator"),
]
_frame = [
    path("robots.txt", frame.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/pages.xml", sitemaps.pages, name="sitemap_pages"),
    path("sitemaps/products/<str:start>.xml", sitemaps.products, name="sitemap_products"),
    path("sitemaps/shelves/<str:start>.xml", sitemaps.shelves, name="sitemap_shelves"),
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
    *urls_account.PATTERNS,
    *_contracts,
    *_certificates,
    *CATALOGUE,
    *_merchant,
    *urls_shops.PATTERNS,
    *urls_prices.PATTERNS,
    *urls_promotions.PATTERNS,
    path("merchant/pick/", picking.own, name="merchant_pick"),
    path("operator/pick/", picking.any_shop, name="operator_pick"),
    *_operator,
    *_certification,
    *urls_cancelling.PATTERNS,
    *urls_parcels.PATTERNS,
    *urls_onboarding.PATTERNS,
    *urls_returns.PATTERNS,
    *urls_stock.PATTERNS,
    *_frame,
]
