"""Errors of seals."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Forbidden, Invalid


class SealNotUsable(Conflict):
    code = "certification.seal_not_usable"
    title = _("This seal can't be used now")
    remedy = _("Use a seal that is valid, or have this one made or resumed first.")


class SealNotGranted(Forbidden):
    code = "certification.seal_not_granted"
    title = _("You haven't been authorised to use this seal")
    remedy = _("Ask the seal's owner to authorise you for it.")


class SealNeedsSm2(Invalid):
    code = "certification.seal_needs_sm2"
    title = _("Seals need a valid SM2 certificate whose key is held here")
    remedy = _("Enrol an SM2 certificate of the seal's owner first and name it in certificate.")


class InvalidSealPicture(Invalid):
    code = "certification.invalid_seal_picture"
    title = _("The picture can't be used for a seal")
    remedy = _("Send a PNG of at most 200 kB and 2000 pixels, or none to have one drawn.")
