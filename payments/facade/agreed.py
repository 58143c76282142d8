"""What is agreed with merchants: commission, payout plans, instalments, statements."""

from payments.contracts_instalments import InstalmentInfo, InstalmentPlanInfo, InstalmentTermsInfo
from payments.contracts_terms import ChangeInfo, FeeInvoiceInfo, PayoutStatement, PlanInfo, RuleInfo
from payments.selectors.statements import payout_statement
from payments.selectors.statements import statement as order_statement
from payments.services.bank_account import change as account_change
from payments.services.bank_account import changes_page as account_changes_page
from payments.services.bank_account import confirm as confirm_account
from payments.services.bank_account import propose as propose_account
from payments.services.bank_account import refuse as refuse_account
from payments.services.fee_invoices import fee_invoice, fee_invoices_page
from payments.services.instalment_terms import remove_terms as remove_instalment_terms
from payments.services.instalment_terms import set_terms as set_instalment_terms
from payments.services.instalment_terms import terms_page as instalment_terms_page
from payments.services.instalments import instalment_plan, instalment_plans_page, open_plan
from payments.services.plans import hold_payouts, resume_payouts
from payments.services.plans import plan as payout_plan
from payments.services.plans import plans_page as payout_plans_page
from payments.services.plans import set_plan as set_payout_plan
from payments.services.rates import (
    Commission,
    add_rule,
    commission_for,
    commission_rules_question,
    commissions_for,
    commissions_on_orders,
    end_rule,
    rules_page,
)
from payments.services.sheets import TYPES as SHEET_TYPES
from payments.services.sheets import order_rows, payout_rows
from payments.services.sheets import written as sheet_file

__all__ = [
    "SHEET_TYPES",
    "ChangeInfo",
    "Commission",
    "FeeInvoiceInfo",
    "InstalmentInfo",
    "InstalmentPlanInfo",
    "InstalmentTermsInfo",
    "PayoutStatement",
    "PlanInfo",
    "RuleInfo",
    "account_change",
    "account_changes_page",
    "add_rule",
    "commission_for",
    "commission_rules_question",
    "commissions_for",
    "commissions_on_orders",
    "confirm_account",
    "end_rule",
    "fee_invoice",
    "fee_invoices_page",
    "hold_payouts",
    "instalment_plan",
    "instalment_plans_page",
    "instalment_terms_page",
    "open_plan",
    "order_rows",
    "order_statement",
    "payout_plan",
    "payout_plans_page",
    "payout_rows",
    "payout_statement",
    "propose_account",
    "refuse_account",
    "remove_instalment_terms",
    "resume_payouts",
    "rules_page",
    "set_instalment_terms",
    "set_payout_plan",
    "sheet_file",
]
