"""Which public prefix the ids in published events have, as everywhere in the API."""

PREFIXES = {
    "platform_id": "plt",
    "merchant_id": "mer",
    "person_id": "per",
    "category_id": "cat",
    "product_id": "prd",
    "variant_id": "var",
    "warehouse_id": "whs",
    "stock_id": "stk",
    "reservation_id": "rsv",
    "offer_id": "off",
    "order_id": "ord",
    "order_group_id": "ogr",
    "group_id": "ogr",
    "intent_id": "pay",
    "refund_id": "ref",
    "payout_id": "pot",
    "shipment_id": "shp",
    "journey_id": "jny",
}
