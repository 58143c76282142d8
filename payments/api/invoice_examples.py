"""Examples of invoices of sales, for the API's documentation."""

from typing import Any

BUYER: dict[str, Any] = {
    "kind": "company",
    "title": "长春市宏远饲料有限公司",
    "tax_number": "91220101MA17CC0E5R",
    "address": "",
    "phone": "",
    "bank": "",
    "bank_account": "",
    "email": "buyer@example.com",
}
CLASS: dict[str, Any] = {
    "category": "1010101030000000000",
    "category_name": "谷物",
    "rate": "9",
    "treatment": "taxed",
}
PROFILE_IN: dict[str, Any] = {
    "name": "吉林玉米有限公司",
    "tax_number": "91220101MA17CC0E5R",
    "taxpayer": "general",
    "address": "长春市朝阳区人民大街1号",
    "phone": "0431-80000000",
    "bank": "吉林银行",
    "bank_account": "0710000000000001",
    "drawer": "王芳",
    "default": CLASS,
    "goods": {"SEED-1": {**CLASS, "category_name": "种子"}},
}
PROFILE = {
    "merchant": "mer_01k00000000000000000000000",
    **PROFILE_IN,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
LINE_IN: dict[str, Any] = {
    "name": "玉米",
    "sku": "CORN-25",
    "specification": "25 kg",
    "unit": "XBG",
    "quantity": "2",
    "gross": {"amount": 12900, "currency": "CNY"},
    "category": "",
    "category_name": "",
    "rate": None,
    "treatment": None,
    "goods_category": "grain/corn",
}
REQUEST: dict[str, Any] = {
    "id": "irq_01k00000000000000000000000",
    "state": "requested",
    "type": "ordinary",
    "merchant": "mer_01k00000000000000000000000",
    "payment": "pay_01k00000000000000000000000",
    "reference": "A-1007",
    "buyer": BUYER,
    "note": "",
    "lines": [LINE_IN],
    "amount": {"amount": 12900, "currency": "CNY"},
    "reason": None,
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
INVOICE: dict[str, Any] = {
    "id": "siv_01k00000000000000000000000",
    "number": "2026-000001",
    "kind": "blue",
    "type": "ordinary",
    "merchant": REQUEST["merchant"],
    "request": REQUEST["id"],
    "payment": REQUEST["payment"],
    "reference": "A-1007",
    "original": None,
    "original_number": None,
    "refund": None,
    "dispute": None,
    "reason": None,
    "seller": {
        name: PROFILE_IN[name]
        for name in (
            "name", "tax_number", "taxpayer", "address", "phone", "bank", "bank_account", "drawer",
        )
    },
    "buyer": BUYER,
    "note": "",
    "lines": [
        {
            **{name: LINE_IN[name] for name in ("name", "sku", "specification", "unit")},
            "quantity": "2",
            "unit_price": "59.175",
            **CLASS,
            "net": {"amount": 11835, "currency": "CNY"},
            "tax": {"amount": 1065, "currency": "CNY"},
            "gross": {"amount": 12900, "currency": "CNY"},
        }
    ],
    "net": {"amount": 11835, "currency": "CNY"},
    "tax": {"amount": 1065, "currency": "CNY"},
    "gross": {"amount": 12900, "currency": "CNY"},
    "sha256": "0" * 64,
    "issued_at": "2026-05-02T08:00:00Z",
    "created_at": "2026-05-02T08:00:00Z",
    "updated_at": "2026-05-02T08:00:00Z",
}  # fmt: skip
