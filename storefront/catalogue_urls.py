"""Addresses of the catalogue's desks: lists of products in and out, attributes, brands, review."""

from django.urls import path

from storefront.views.merchant import imports
from storefront.views.operator import attributes, brands, categories
from storefront.views.operator import products as operator_products

# Before the merchant's other pages: their products' ids stand where these words do.
CATALOGUE = [
    path("merchant/products/lists/", imports.listing, name="merchant_imports"),
    path("merchant/products/lists/empty/", imports.template, name="merchant_import_template"),
    path("merchant/products/lists/<str:made>/", imports.one, name="merchant_import"),
    path("merchant/products/lists/<str:made>/act/", imports.act, name="merchant_import_act"),
    path(
        "merchant/products/lists/<str:made>/report/", imports.report, name="merchant_import_report"
    ),
    path("merchant/products/export/", imports.export, name="merchant_export"),
    path("operator/attributes/", attributes.listing, name="operator_attributes"),
    path("operator/attributes/new/", attributes.create, name="operator_attribute_create"),
    path(
        "operator/attributes/sets/<str:category>/",
        attributes.category,
        name="operator_attribute_set",
    ),
    path("operator/attributes/<str:attribute>/", attributes.one, name="operator_attribute"),
    path("operator/products/", operator_products.listing, name="operator_products"),
    path("operator/products/<str:product>/", operator_products.one, name="operator_product"),
    path(
        "operator/products/<str:product>/act/", operator_products.act, name="operator_product_act"
    ),
    path("operator/categories/", categories.listing, name="operator_categories"),
    path("operator/categories/<str:category>/", categories.one, name="operator_category"),
    path("operator/categories/<str:category>/act/", categories.act, name="operator_category_act"),
    path("operator/brands/", brands.listing, name="operator_brands"),
    path("operator/brands/<str:brand>/", brands.one, name="operator_brand"),
]
