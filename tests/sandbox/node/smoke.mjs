// The official Node client against the sandbox: node smoke.mjs HOST PORT KEY WEBHOOK_URL
// The last line says what was done; any failed assertion ends it with an error.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import Stripe from 'stripe'

const [host, port, key] = process.argv.slice(2)
const stripe = new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0 })
const done = []

const pushes = []
const listener = http.createServer((request, response) => {
  let body = ''
  request.on('data', (part) => (body += part))
  request.on('end', () => {
    pushes.push({ body, signature: request.headers['stripe-signature'] })
    response.end('ok')
  })
})
listener.listen(0, '127.0.0.1')
await once(listener, 'listening')
const endpoint = await stripe.webhookEndpoints.create({
  url: `http://127.0.0.1:${listener.address().port}/hook`,
  enabled_events: ['*'],
})

const pay = (card, more = {}) =>
  stripe.paymentIntents.create({
    amount: 5000, currency: 'cny', payment_method: card, confirm: true, ...more,
  })

// customers, and every page of them
const customer = await stripe.customers.create({ email: 'a@example.com', metadata: { n: '1' } })
await stripe.customers.create({ name: 'Second' })
assert.equal((await stripe.customers.update(customer.id, { metadata: { n: '' } })).metadata.n, undefined)
let seen = 0
for await (const one of stripe.customers.list({ limit: 1 })) seen += one.id ? 1 : 0
assert.equal(seen, 2)
done.push('customers')

// every card of the published table
const table = await (await fetch(`http://${host}:${port}/_sandbox/magic`)).json()
for (const card of table.cards) {
  const token = card.tokens[0]
  if (card.three_d_secure === 'always' || card.three_d_secure === 'unless_set_up') {
    const intent = await pay(token, { return_url: 'https://shop.example/back' })
    assert.equal(intent.status, 'requires_action', token)
    await fetch(intent.next_action.redirect_to_url.url, {
      method: 'POST', body: new URLSearchParams({ approve: '1' }), redirect: 'manual',
    })
    const later = await stripe.paymentIntents.retrieve(intent.id)
    assert.equal(later.status, card.code ? 'requires_payment_method' : 'succeeded', token)
    if (card.code) assert.equal(later.last_payment_error.code, card.code, token)
  } else if (card.code) {
    await assert.rejects(pay(token), (error) => {
      assert.ok(error instanceof Stripe.errors.StripeCardError, token)
      assert.equal(error.code, card.code)
      assert.equal(error.decline_code, card.decline_code)
      return true
    })
  } else {
    assert.equal((await pay(token)).status, 'succeeded', token)
  }
}
done.push(`${table.cards.length} cards`)

// capture in part, refund, refund above what is left
const held = await pay('pm_card_visa', { capture_method: 'manual' })
const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 3000 })
assert.equal(taken.amount_received, 3000)
assert.equal((await stripe.refunds.create({ payment_intent: held.id, amount: 1000 })).status, 'succeeded')
await assert.rejects(stripe.refunds.create({ payment_intent: held.id, amount: 2001 }),
  (error) => error instanceof Stripe.errors.StripeInvalidRequestError && error.param === 'amount')
done.push('capture', 'refund')

// idempotency: the same key with other parameters
const options = { idempotencyKey: 'node-1' }
const first = await stripe.paymentIntents.create({ amount: 900, currency: 'cny' }, options)
const again = await stripe.paymentIntents.create({ amount: 900, currency: 'cny' }, options)
assert.equal(first.id, again.id)
await assert.rejects(stripe.paymentIntents.create({ amount: 901, currency: 'cny' }, options),
  (error) => error instanceof Stripe.errors.StripeIdempotencyError)
done.push('idempotency')

// Connect: account, transfer, reversal, payout
const seller = await stripe.accounts.create({ type: 'express', country: 'CN' })
assert.equal(seller.payouts_enabled, true)
const moved = await stripe.transfers.create({ amount: 2000, currency: 'cny', destination: seller.id })
await stripe.transfers.createReversal(moved.id, { amount: 500 })
await stripe.accounts.createExternalAccount(seller.id, {
  external_account: {
    object: 'bank_account', country: 'CN', currency: 'cny', account_number: '6222000000000000',
  },
})
const payout = await stripe.payouts.create(
  { amount: 1500, currency: 'cny' }, { stripeAccount: seller.id })
assert.equal(payout.status, 'pending')
const balance = await stripe.balance.retrieve({}, { stripeAccount: seller.id })
assert.equal(balance.available.find((one) => one.currency === 'cny').amount, 0)
done.push('transfer', 'payout')

// dispute with a file, won
const disputed = await pay('pm_card_createDispute')
const dispute = (await stripe.disputes.list({ payment_intent: disputed.id })).data[0]
const file = await stripe.files.create({
  purpose: 'dispute_evidence',
  file: { data: Buffer.from('proof'), name: 'proof.pdf', type: 'application/pdf' },
})
const won = await stripe.disputes.update(dispute.id, {
  evidence: { receipt: file.id, uncategorized_text: 'winning_evidence' },
})
assert.equal(won.status, 'won')
done.push('dispute')

// setup intent, checkout session, test clock
const kept = await stripe.setupIntents.create({
  customer: customer.id, payment_method: 'pm_card_visa', confirm: true })
assert.equal(kept.status, 'succeeded')
const session = await stripe.checkout.sessions.create({
  mode: 'payment', success_url: 'https://shop.example/done',
  line_items: [{ quantity: 1, price_data: {
    currency: 'cny', unit_amount: 700, product_data: { name: 'Lamp' } } }],
})
await fetch(session.url, {
  method: 'POST', body: new URLSearchParams({ card: 'visa' }), redirect: 'manual' })
assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_status, 'paid')
const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1000000000 })
await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1000086400 })
done.push('setup', 'checkout', 'clock')

// mistakes
await assert.rejects(stripe.paymentIntents.create({ amount: 5000, currency: 'cny', color: 'red' }),
  (error) => error.code === 'parameter_unknown' && error.param === 'color')
const stranger = new Stripe('sk_test_wrong', { host, port, protocol: 'http', maxNetworkRetries: 0 })
await assert.rejects(stranger.balance.retrieve(),
  (error) => error instanceof Stripe.errors.StripeAuthenticationError)
done.push('errors')

// webhooks, verified by the client's own verifier
const until = Date.now() + 20000
while (!pushes.some((one) => one.body.includes('checkout.session.completed'))) {
  assert.ok(Date.now() < until, 'no push came')
  await new Promise((resolve) => setTimeout(resolve, 50))
}
for (const one of pushes) {
  const event = stripe.webhooks.constructEvent(one.body, one.signature, endpoint.secret)
  assert.ok(event.type)
}
assert.throws(() => stripe.webhooks.constructEvent(
  pushes[0].body.replace('{', '{ '), pushes[0].signature, endpoint.secret))
const old = stripe.webhooks.generateTestHeaderString({
  payload: pushes[0].body, secret: endpoint.secret, timestamp: Math.floor(Date.now() / 1000) - 600 })
assert.throws(() => stripe.webhooks.constructEvent(pushes[0].body, old, endpoint.secret),
  /tolerance/)
done.push('webhooks')

listener.close()
listener.closeAllConnections()
console.log(done.join(', '))
