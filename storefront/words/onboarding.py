"""What is said about applications to become a merchant."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

APPLICATION: dict[str, tuple[str | Promise, str, str]] = {
    "draft": (_("Being filled in"), "mute", "draft"),
    "submitted": (_("Handed in"), "warn", "clock"),
    "in_review": (_("In review"), "warn", "clock"),
    "needs_more": (_("More is needed"), "warn", "alert"),
    "approved": (_("Approved"), "good", "seal"),
    "open": (_("Shop open"), "good", "check-circle"),
    "refused": (_("Refused"), "bad", "stop"),
    "withdrawn": (_("Called off"), "mute", "stop"),
    "closed": (_("Closed"), "mute", "clock"),
    "erased": (_("Erased"), "mute", "trash"),
}
ENTRIES = {
    "begun": _("Application begun"),
    "submitted": _("Handed in"),
    "identity": _("The company's identity is proven"),
    "agreement": _("The agreement waits for both signatures"),
    "signed": _("The agreement is signed by both"),
    "in_review": _("The review has begun"),
    "asked": _("Something was asked for"),
    "answered": _("Answered"),
    "reminded": _("Reminded"),
    "approved": _("Approved"),
    "not_approved": _("The approval was stopped"),
    "open": _("The shop is open"),
    "refused": _("Refused"),
    "withdrawn": _("Called off by the applicant"),
    "closed": _("Closed: nothing was heard in time"),
    "anew": _("Begun anew"),
}
NEXT = {
    "draft": _("Fill it in as far as you can; it is kept between your visits. Then hand it in."),
    "in_review": _("An operator looks at it. You get a letter; nothing is needed of you."),
    "needs_more": _("The operator asks you for something. See to it, then send it back."),
    "approved": _("You may sell. Set up the shop in your console; then it is open."),
    "open": _("Your shop is open."),
    "refused": _("It was refused. You can correct it and apply anew."),
    "withdrawn": _("You called it off. You can begin anew with what you filled in."),
    "closed": _("Nothing was heard in time. You can begin anew with what you filled in."),
}
