"""What can go wrong when trading; each says what would be right."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Invalid, NotFound


class OfferNotFound(NotFound):
    code = "marketplace.offer_not_found"
    title = _("There is no such offer")


class UnknownVariant(Invalid):
    code = "marketplace.unknown_variant"
    title = _("There is no such variant")
    remedy = _("Take the id of a variant from the catalogue.")


class InvalidPrice(Invalid):
    code = "marketplace.invalid_price"
    title = _("This isn't a price")
    remedy = _('Send a decimal above 0 with at most 6 decimals as text, for example "12.50".')


class WrongCurrency(Invalid):
    code = "marketplace.wrong_currency"
    title = _("This platform trades in another currency")
    remedy = _("Use the currency named in currency.")


class NamedTwice(Invalid):
    code = "marketplace.named_twice"
    title = _("This variant is named twice in one batch")
    remedy = _("Send each variant once.")


class ExternalIdTaken(Conflict):
    code = "marketplace.external_id_taken"
    title = _("Another object of this merchant has this external_id")
    remedy = _("Use another external_id, or change the object that has it.")


class InvalidQuantity(Invalid):
    code = "marketplace.invalid_quantity"
    title = _("This quantity can't be ordered")
    remedy = _("Send a quantity above 0 and at most 9999; whole numbers where goods are counted.")


class CartNotFound(NotFound):
    code = "marketplace.cart_not_found"
    headers = ("Cart-Token",)
    title = _("There is no such cart")
    remedy = _("Send the cart's secret in Cart-Token, or sign in as its buyer.")


class CartFull(Conflict):
    code = "marketplace.cart_full"
    title = _("The cart has too many lines")
    remedy = _("Place the order in several parts.")


class LineNotFound(NotFound):
    code = "marketplace.line_not_found"
    title = _("The cart has no such line")


class NotPurchasable(Conflict):
    code = "marketplace.not_purchasable"
    title = _("Some goods aren't for sale now")
    remedy = _("Remove the lines named in lines from the cart, then try again.")


class MerchantOnVacation(Conflict):
    code = "marketplace.merchant_on_vacation"
    title = _("The shop is on holiday and sells nothing in this time")
    remedy = _("Take its lines out of the cart, or order when the time in until has come.")


class InvalidVacation(Invalid):
    code = "marketplace.invalid_vacation"
    title = _("A shop's holiday can't be set like this")
    remedy = _("Correct what errors names; times are the platform's.")


class CartEmpty(Conflict):
    code = "marketplace.cart_empty"
    title = _("The cart is empty")
    remedy = _("Put something into the cart first; if you have just ordered, see your orders.")


class AddressMissing(Conflict):
    code = "marketplace.address_missing"
    title = _("The cart has no delivery address")
    remedy = _("Set contact and address first.")


class ShippingChoiceGone(Conflict):
    code = "marketplace.shipping_choice_gone"
    title = _("The chosen way of delivery isn't offered")
    remedy = _("Choose one of those named in offered.")


class TotalChanged(Conflict):
    code = "marketplace.total_changed"
    title = _("The total isn't what you were shown")
    remedy = _("Look at the changed lines, then order again with the new total.")


class KeyUsed(Conflict):
    code = "marketplace.key_used"
    title = _("This key has already placed another cart's order")
    remedy = _("Use a new key for each order.")


class OrderNotFound(NotFound):
    code = "marketplace.order_not_found"
    headers = ("Order-Token", "Cart-Token")
    title = _("There is no such order")
    remedy = _("Use the account, or the secret link, with which it was ordered.")


class OrderState(Conflict):
    code = "marketplace.order_state"
    title = _("That isn't possible in the order's present state")
    remedy = _("Read the order again; its state and allowed say what is possible.")


class InvalidParcel(Invalid):
    code = "marketplace.invalid_parcel"
    title = _("A parcel can't be packed so")
    remedy = _("Name lines of the order, each once, with at most what is left of it to be sent.")


class NothingToShip(Conflict):
    code = "marketplace.nothing_to_ship"
    title = _("All that is left is in a parcel that is being handed to the carrier")
    remedy = _("Wait until the carrier has answered, then look at the order's parcels.")


class GoodsAwaited(Conflict):
    """All that is left of the order waits for goods, or is a pre-order before its day; the lines'
    ``promise`` says which, and for when."""

    code = "marketplace.goods_awaited"
    title = _("What is left to be sent isn't there yet, or is sent later")
    remedy = _(
        "Book the goods in when they come; what is sold before its day is sent from that day on."
    )


class ReturnNotFound(NotFound):
    code = "marketplace.return_not_found"
    headers = ("Order-Token", "Cart-Token")
    title = _("There is no such return")
    remedy = _("Use the account, or the secret link, with which the order was placed.")


class NotReturnable(Conflict):
    code = "marketplace.not_returnable"
    title = _("Nothing of this order can be returned now")
    remedy = _("Returns are for goods that were delivered; cancel what hasn't been sent.")


class NotExchangeable(NotReturnable):
    code = "marketplace.not_exchangeable"
    title = _("Nothing of this order can be exchanged now")
    remedy = _("Exchanges are for goods that were delivered; you may be able to return them.")


class ReturnTooLate(NotReturnable):
    code = "marketplace.return_too_late"
    title = _("The time for returns has passed")
    remedy = _("It ended at return_until. If something is wrong with the goods, open a complaint.")


class NothingLeftToReturn(NotReturnable):
    code = "marketplace.nothing_left_to_return"
    title = _("All that has arrived is returned, or a return of it is open")
    remedy = _("Follow the returns that are there.")


class ReturnDisputed(NotReturnable):
    code = "marketplace.return_disputed"
    title = _("A complaint over this order is open")
    remedy = _("Wait for its decision, or withdraw it and ask for a return.")


class InvalidReturn(Invalid):
    code = "marketplace.invalid_return"
    title = _("This can't be returned so")
    remedy = _("Name lines of the order, each once, with at most what is left of it.")


class PriceDiffers(InvalidReturn):
    code = "marketplace.exchange_price_differs"
    title = _("What you want instead has another price")
    remedy = _("Return the goods for their money, and buy the other ones.")


class ReplacementMissing(Conflict):
    code = "marketplace.replacement_missing"
    title = _("The replacement isn't in stock")
    remedy = _("Choose another variant, take goods in, or give the money back instead.")


class ExchangeOpen(Conflict):
    code = "marketplace.exchange_open"
    title = _("An exchange of this order is open")
    remedy = _("Say that the replacement has come, or withdraw the exchange, first.")


class InvalidPicture(Invalid):
    code = "marketplace.invalid_picture"
    title = _("This can't be taken as a picture")
    remedy = _("Send PNG or JPEG files of up to 5 MB each, at most 6 for a return.")


class WrongReturnState(Conflict):
    code = "marketplace.return_state"
    title = _("That isn't possible in the return's present state")
    remedy = _("Read the return again; its state and allowed say what is possible.")


class CancellationNotFound(NotFound):
    code = "marketplace.cancellation_not_found"
    headers = ("Order-Token", "Cart-Token")
    title = _("There is no such cancellation")
    remedy = _("Use the account, or the secret link, with which the order was placed.")


class NotCancellableNow(Conflict):
    code = "marketplace.not_cancellable_now"
    title = _("No part of this order can be cancelled now")
    remedy = _("Only what is paid and not sent yet can be; ask for a return once it has arrived.")


class NothingLeftToCancel(NotCancellableNow):
    code = "marketplace.nothing_left_to_cancel"
    title = _("Everything of this order is cancelled, or asked to be")
    remedy = _("Follow the cancellations that are there.")


class MerchantMustAgree(NotCancellableNow):
    code = "marketplace.merchant_must_agree"
    title = _("The merchant is packing this order already")
    remedy = _("Ask for the cancellation of its lines; the merchant answers.")


class InvalidCancellation(Invalid):
    code = "marketplace.invalid_cancellation"
    title = _("This can't be cancelled so")
    remedy = _("Name lines of the order, each once, with at most what is left of it.")


class WrongCancellationState(Conflict):
    code = "marketplace.cancellation_state"
    title = _("That isn't possible in the cancellation's present state")
    remedy = _("Read the cancellation again; its state and allowed say what is possible.")


class CouponRefused(Conflict):
    code = "marketplace.coupon_refused"
    title = _("This code can't be used")
    remedy = _("Take it out of the cart, or do what the detail says; coupons names the codes.")


class TooManyCodes(Conflict):
    code = "marketplace.too_many_codes"
    title = _("The cart has as many codes as it can have")
    remedy = _("Take one out first.")


class PromotionNotFound(NotFound):
    code = "marketplace.promotion_not_found"
    title = _("There is no such promotion")


class InvalidSale(Invalid):
    code = "marketplace.invalid_sale"
    title = _("This sale can't be planned so")
    remedy = _("Correct the fields named in errors.")


class SaleNotFound(NotFound):
    code = "marketplace.sale_not_found"
    title = _("There is no such sale")


class InvalidPromotion(Invalid):
    code = "marketplace.invalid_promotion"
    title = _("This promotion can't be made so")
    remedy = _("Correct the fields named in errors.")


class PromotionState(Conflict):
    code = "marketplace.promotion_state"
    title = _("That isn't possible in the promotion's present state")
    remedy = _("allowed says which states may follow; what a draft may change is fixed later.")


class CodeTaken(Conflict):
    code = "marketplace.code_taken"
    title = _("Another promotion has this code")
    remedy = _("Choose another code.")


class AddressBookFull(Conflict):
    code = "marketplace.address_book_full"
    title = _("Your address book is full")
    remedy = _("Remove an address that you don't need any more.")


class SavedFull(Conflict):
    code = "marketplace.saved_full"
    title = _("So many things can't be kept for later")
    remedy = _("Remove some that you don't need any more.")


class InvalidMessage(Invalid):
    code = "marketplace.invalid_message"
    title = _("This can't be sent as a message")
    remedy = _("Write at most 2000 characters; an order takes up to 500 messages.")


class BuyerGroupNotFound(NotFound):
    code = "marketplace.buyer_group_not_found"
    title = _("There is no such group of buyers")


class InvalidBuyerGroup(Invalid):
    code = "marketplace.invalid_buyer_group"
    title = _("A group of buyers can't be like this")
    remedy = _("Correct what errors names.")


class BuyerGroupInUse(Conflict):
    code = "marketplace.buyer_group_in_use"
    title = _("Price lists are for this group")
    remedy = _("Delete its price lists first, or switch the group off.")


class MemberNotFound(NotFound):
    code = "marketplace.member_not_found"
    title = _("There is no such member")


class GroupFull(Conflict):
    code = "marketplace.group_full"
    title = _("No more can be invited to this group")
    remedy = _("Withdraw invitations that weren't taken, or remove members.")


class GroupInvitationSpent(DomainError):
    code = "marketplace.group_invitation_spent"
    status = 410
    title = _("This invitation has been used, withdrawn, or has expired")
    remedy = _("Ask the shop for a new one.")


class AlreadyMember(Conflict):
    code = "marketplace.already_member"
    title = _("You are in this group already")
    remedy = _("You need do nothing: its prices are yours.")


class PriceListNotFound(NotFound):
    code = "marketplace.price_list_not_found"
    title = _("There is no such price list")


class InvalidPriceList(Invalid):
    code = "marketplace.invalid_price_list"
    title = _("A price list can't be like this")
    remedy = _("Correct what errors names.")


class PriceEntryNotFound(NotFound):
    code = "marketplace.price_entry_not_found"
    title = _("The price list has no such entry")
