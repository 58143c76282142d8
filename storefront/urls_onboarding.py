"""The addresses of becoming a merchant: the applicant's, the operator's, a new shop's delivery."""

from django.urls import path

from storefront.views import onboarding
from storefront.views.merchant import shipping
from storefront.views.operator import applications, onboarding_rule

PATTERNS = [
    path("account/shop/", onboarding.application, name="application"),
    path("account/shop/<str:document>/", onboarding.document, name="application_document"),
    path("merchant/delivery/", shipping.tariff, name="tariff"),
    path("merchant/delivery/<uuid:rate>/", shipping.one, name="tariff_one"),
    path("operator/applications/", applications.listing, name="operator_applications"),
    path("operator/applications/rule/", onboarding_rule.rule, name="operator_onboarding_rule"),
    path("operator/applications/<str:application>/", applications.one, name="operator_application"),
    path(
        "operator/applications/<str:application>/act/",
        applications.act,
        name="operator_application_act",
    ),
    path(
        "operator/applications/<str:application>/papers/<str:document>/",
        applications.document,
        name="operator_application_document",
    ),
]
