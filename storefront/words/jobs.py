"""What kinds of jobs are called that people see; those that recur aren't shown."""

from django.utils.translation import pgettext_lazy

JOBS = {
    "catalog.fetch_picture": pgettext_lazy("job", "Fetch a picture"),
    "catalog.remove_files": pgettext_lazy("job", "Remove a picture that nothing shows any more"),
    "certification.ask_check": pgettext_lazy("job", "Ask for an identity check"),
    "certification.bulk_sign": pgettext_lazy("job", "Sign in bulk"),
    "certification.contract_package": pgettext_lazy("job", "Make a contract's evidence package"),
    "certification.finish_signing": pgettext_lazy("job", "Finish a signing"),
    "certification.person_leaves": pgettext_lazy("job", "Withdraw what an erased person left open"),
    "journeys.import_products": pgettext_lazy("job", "Import a list"),
    "journeys.resume": pgettext_lazy("job", "Go on with a process"),
    "kernel.rotate_keys": pgettext_lazy("job", "Wrap keys anew"),
    "kernel.send_mail": pgettext_lazy("job", "Send a letter"),
    "payments.forget_card": pgettext_lazy("job", "Forget a card at the gateway"),
    "payments.issue_fapiao": pgettext_lazy("job", "Have a fapiao issued"),
    "payments.poll_bank_credits": pgettext_lazy("job", "Ask the bank what came in"),
    "payments.refresh_dispute": pgettext_lazy("job", "Ask how a chargeback stands"),
    "payments.refresh_intent": pgettext_lazy("job", "Ask how a payment stands"),
    "payments.refresh_refund": pgettext_lazy("job", "Ask how a refund stands"),
    "payments.return_deposits": pgettext_lazy("job", "Give deposits back"),
    "payments.return_late_charge": pgettext_lazy("job", "Give a late charge back"),
    "payments.send_evidence": pgettext_lazy("job", "Send evidence of a chargeback"),
    "payments.send_payout": pgettext_lazy("job", "Send a payout"),
    "platforms.make_export": pgettext_lazy("job", "Make a copy of personal data"),
    "platforms.send_reset": pgettext_lazy("job", "Send a letter to reset a password"),
    "search.follow": pgettext_lazy("job", "Bring the search up to date"),
}
