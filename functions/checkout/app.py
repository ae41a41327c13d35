"""What is for sale, checkouts, and what became of what people bought."""

from greenroom.kernel.settings import CommonSettings
from greenroom.payments import routes
from greenroom.payments.domain import Purchase
from greenroom.payments.schema import (
    Portal,
    PurchasePage,
    PurchaseView,
    RefundTaken,
    StartCheckout,
    SubscriptionList,
)
from greenroom.payments.view import (
    checkout_started,
    product_list,
    purchase_view,
    redeemed,
    subscription_view,
)
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, known_id
from greenroom.wiring import Wiring

wired = Wiring("checkout")
lambda_handler = api = Api("checkout", verify=wired.verify)


@api.route(routes.PRODUCTS)
def products(_call: Call) -> Answer:
    name = wired.of(CommonSettings).credits_name
    return Answer(body=product_list(wired.catalogue, credits_name=name))


@api.route(routes.CHECKOUT)
def checkout(call: Call) -> Answer:
    body = call.body(StartCheckout)
    if body.intake_id is not None:
        purchase = wired.intake_payments.checkout(call.identity, known_id(body.intake_id))
    else:
        purchase = wired.checkouts.buy(
            call.identity,
            body.sku or "",
            quantity=body.quantity,
            success_path=body.success_path,
            cancel_path=body.cancel_path,
        )
    call.facts["purchase_id"] = purchase.purchase_id
    return Answer(body=checkout_started(purchase))


@api.route(routes.PORTAL)
def portal(call: Call) -> Answer:
    return Answer(body=Portal(url=wired.checkouts.portal(call.user_id)))


@api.route(routes.PURCHASES)
def purchases(call: Call) -> Answer:
    limit, cursor = call.page()
    found, next_cursor = wired.purchases.of_user(call.user_id, limit=limit, cursor=cursor)
    if not found:
        wired.accounts.refuse_deleted(call.user_id)
    items = [_view(purchase) for purchase in found]
    return Answer(body=PurchasePage(items=items, next_cursor=next_cursor))


@api.route(routes.REDEEM)
def redeem(call: Call) -> Answer:
    purchase = wired.purchases.redeem(call.path_id("purchaseId"), user_id=call.user_id)
    return Answer(body=redeemed(_view(purchase)))


@api.route(routes.REFUND)
def refund(call: Call) -> Answer:
    purchase = wired.purchases.refund(
        call.path_id("purchaseId"), user_id=call.user_id, by_admin=wired.is_admin(call.identity)
    )
    return Answer(status=202, body=RefundTaken(purchase=_view(purchase)))


@api.route(routes.SUBSCRIPTIONS)
def subscriptions(call: Call) -> Answer:
    held = wired.subscriptions
    items = [
        subscription_view(one, skus=wired.skus, terms=held.terms, live=held.is_live(one))
        for one in held.of(call.user_id)
    ]
    if not items:
        wired.accounts.refuse_deleted(call.user_id)
    return Answer(body=SubscriptionList(items=items))


def _view(purchase: Purchase) -> PurchaseView:
    name = wired.of(CommonSettings).credits_name
    return purchase_view(purchase, catalogue=wired.catalogue, credits_name=name, now=wired.clock())
