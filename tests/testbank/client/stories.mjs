/* Stories of payments: node stories.mjs NAME. */
import assert from 'node:assert/strict';

import {client, control, fault, paid, refusal, until} from './bank.mjs';

const stripe = client();

async function moneyIsHeldCapturedAndRefunded() {
    const customer = await stripe.customers.create({name: 'Ann', email: 'ann@example.com'});
    const held = await stripe.paymentIntents.create({
        amount: 5000, currency: 'eur', customer: customer.id, payment_method: 'pm_card_visa', confirm: true,
        capture_method: 'manual', metadata: {order: 'ord_1'}, expand: ['latest_charge', 'customer'],
    });
    assert.equal(held.status, 'requires_capture');
    assert.equal(held.amount_capturable, 5000);
    assert.equal(held.customer.email, 'ann@example.com');
    assert.equal(held.latest_charge.captured, false);
    assert.equal(held.latest_charge.payment_method_details.card.last4, '4242');
    const tooMuch = await refusal(stripe.paymentIntents.capture(held.id, {amount_to_capture: 5001}));
    assert.equal(tooMuch.code, 'amount_too_large');
    const taken = await stripe.paymentIntents.capture(held.id, {amount_to_capture: 4000},
        {expand: ['latest_charge.balance_transaction']});
    assert.equal(taken.status, 'succeeded');
    assert.equal(taken.amount_received, 4000);
    const refund = await stripe.refunds.create({payment_intent: held.id, amount: 1500, reason: 'duplicate'});
    assert.equal(refund.status, 'succeeded');
    const beyond = await refusal(stripe.refunds.create({charge: refund.charge, amount: 2501}));
    assert.equal(beyond.type, 'StripeInvalidRequestError');
    assert.ok(beyond.requestId.startsWith('req_'));
    await stripe.refunds.create({charge: refund.charge});
    const again = await refusal(stripe.refunds.create({charge: refund.charge}));
    assert.equal(again.code, 'charge_already_refunded');
    const charge = await stripe.charges.retrieve(refund.charge, {expand: ['balance_transaction']});
    assert.equal(charge.amount_refunded, 4000);
    assert.equal(charge.balance_transaction.net, 4000 - charge.balance_transaction.fee);
    const other = await stripe.paymentIntents.create({amount: 700, currency: 'jpy', payment_method: 'pm_ok'});
    await stripe.paymentIntents.update(other.id, {amount: 800, metadata: {order: 'ord_2'}});
    assert.equal((await stripe.paymentIntents.confirm(other.id)).amount_received, 800);
    const canceled = await paid(stripe, {capture_method: 'manual'});
    assert.equal((await stripe.paymentIntents.cancel(canceled.id)).status, 'canceled');
    assert.equal((await refusal(stripe.paymentIntents.capture(canceled.id))).code, 'payment_intent_unexpected_state');
}

async function cardsAreDeclinedAsStripeDeclines() {
    for (const [card, code, declineCode] of [
        ['pm_decline', 'card_declined', 'generic_decline'],
        ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
        ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
    ]) {
        const error = await refusal(paid(stripe, {payment_method: card}));
        assert.equal(error.type, 'StripeCardError');
        assert.equal(error.statusCode, 402);
        assert.equal(error.code, code);
        assert.equal(error.decline_code || undefined, declineCode);
        assert.equal(error.payment_intent.status, 'requires_payment_method');
        const saved = await stripe.paymentIntents.confirm(error.payment_intent.id, {payment_method: 'pm_ok'});
        assert.equal(saved.status, 'succeeded');
    }
    const unknown = await refusal(stripe.paymentIntents.create({amount: 1, currency: 'eur', nonsense: 1}));
    assert.equal(unknown.code, 'parameter_unknown');
    assert.equal(unknown.param, 'nonsense');
    assert.equal((await refusal(stripe.paymentIntents.retrieve('pi_none'))).code, 'resource_missing');
    assert.equal((await refusal(paid(client(), {}, {apiKey: 'sk_test_other'}))).type, 'StripeAuthenticationError');
}

async function answerPage(intent, outcome) {
    const url = intent.next_action.redirect_to_url.url;
    const page = await (await fetch(url)).text();
    assert.match(page, /value="approve"/);
    const answer = await fetch(url, {method: 'POST', body: new URLSearchParams({outcome}), redirect: 'manual'});
    assert.equal(answer.status, 303);
    return new URL(answer.headers.get('location'));
}

async function theCardholderApprovesOrRefuses() {
    const more = {payment_method: 'pm_3ds', return_url: 'https://shop.example/back?cart=1'};
    const asked = await paid(stripe, more);
    assert.equal(asked.status, 'requires_action');
    const back = await answerPage(asked, 'approve');
    assert.equal(back.searchParams.get('payment_intent'), asked.id);
    assert.equal(back.searchParams.get('payment_intent_client_secret'), asked.client_secret);
    assert.equal(back.searchParams.get('redirect_status'), 'succeeded');
    assert.equal(back.searchParams.get('cart'), '1');
    assert.equal((await stripe.paymentIntents.retrieve(asked.id)).status, 'succeeded');
    const refused = await paid(stripe, more);
    assert.equal((await answerPage(refused, 'refuse')).searchParams.get('redirect_status'), 'failed');
    const after = await stripe.paymentIntents.retrieve(refused.id);
    assert.equal(after.status, 'requires_payment_method');
    assert.equal(after.last_payment_error.code, 'payment_intent_authentication_failure');
    const absent = await refusal(paid(stripe, {payment_method: 'pm_3ds', off_session: true}));
    assert.equal(absent.code, 'authentication_required');
}

async function aCardIsKeptForLater() {
    const customer = await stripe.customers.create({name: 'Bob'});
    const setup = await stripe.setupIntents.create({
        customer: customer.id, payment_method: 'pm_3ds', confirm: true, return_url: 'https://shop.example/back',
    });
    assert.equal(setup.status, 'requires_action');
    await answerPage(setup, 'approve');
    const kept = await stripe.setupIntents.retrieve(setup.id);
    assert.equal(kept.status, 'succeeded');
    const later = {customer: customer.id, payment_method: kept.payment_method, off_session: true};
    assert.equal((await paid(stripe, later)).status, 'succeeded');
    await paid(stripe, {customer: customer.id, setup_future_usage: 'off_session'});
    const attached = await stripe.paymentMethods.attach('pm_card_mastercard', {customer: customer.id});
    const cards = await stripe.paymentMethods.list({customer: customer.id, type: 'card'});
    assert.equal(cards.data.length, 3);
    await stripe.paymentMethods.detach(attached.id);
    assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data.length, 2);
    assert.ok(await refusal(paid(stripe, {...later, payment_method: attached.id})));
    const other = await stripe.customers.create({name: 'Eve'});
    assert.ok(await refusal(paid(stripe, {...later, customer: other.id})));
}

async function aKeyIsAnsweredOnce() {
    const options = {idempotencyKey: 'once'};
    const first = await paid(stripe, {}, options);
    const again = await paid(stripe, {}, options);
    assert.equal(again.id, first.id);
    assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal(again.lastResponse.headers['original-request'], first.lastResponse.requestId);
    const other = await refusal(paid(stripe, {amount: 2000}, options));
    assert.equal(other.type, 'StripeIdempotencyError');
    assert.equal(other.statusCode, 400);
    const no = {payment_method: 'pm_decline'};
    const declined = await refusal(paid(stripe, no, {idempotencyKey: 'no'}));
    const declinedAgain = await refusal(paid(stripe, no, {idempotencyKey: 'no'}));
    assert.equal(declinedAgain.payment_intent.id, declined.payment_intent.id);
    const wrong = await refusal(paid(stripe, {amount: -1}, {idempotencyKey: 'free'}));
    assert.equal(wrong.statusCode, 400);
    assert.equal((await paid(stripe, {}, {idempotencyKey: 'free'})).status, 'succeeded');
    const slow = paid(stripe, {payment_method: 'pm_slow'}, {idempotencyKey: 'slow'});
    const meanwhile = await until('its key is in use', async () => {
        const twin = paid(client(), {payment_method: 'pm_slow'}, {idempotencyKey: 'slow'});
        const [seen] = await Promise.allSettled([twin]);
        return seen.status === 'rejected' && seen.reason;
    });
    assert.equal(meanwhile.statusCode, 409);
    assert.equal(meanwhile.code, 'idempotency_key_in_use');
    assert.equal(meanwhile.rawType, 'invalid_request_error');
    const slowly = await slow;
    assert.equal((await paid(stripe, {payment_method: 'pm_slow'}, {idempotencyKey: 'slow'})).id, slowly.id);
}

async function silenceMayHaveTakenTheMoneyOrNot() {
    const hasty = client({timeout: 300});
    for (const [card, status] of [
        ['pm_timeout_captured', 'succeeded'], ['pm_timeout_failed', 'requires_payment_method'],
    ]) {
        const lost = await refusal(paid(hasty, {payment_method: card, metadata: {try: card}}));
        assert.equal(lost.type, 'StripeConnectionError');
        const list = await stripe.paymentIntents.list({limit: 5});
        assert.equal(list.data.find((one) => one.metadata.try === card).status, status);
    }
    const key = {idempotencyKey: 'silent'};
    await refusal(paid(hasty, {payment_method: 'pm_timeout_captured'}, key));
    assert.equal((await paid(stripe, {payment_method: 'pm_timeout_captured'}, key)).status, 'succeeded');
}

async function answersThatAreLostAreAskedForAgain() {
    const patient = client({maxNetworkRetries: 4, timeout: 500});
    for (const kind of ['close', 'nothing', 'half', 'garbage', 'error']) {
        for (const doesWork of [false, true]) {
            if (kind === 'error' && doesWork) continue;
            await fault('payment_intents.create', kind, {count: 2, does_work: doesWork});
            const form = {metadata: {fault: `${kind} ${doesWork}`}}, key = {idempotencyKey: `${kind} ${doesWork}`};
            const intent = await insist(() => paid(patient, form, key));
            assert.equal(intent.status, 'succeeded');
        }
    }
    const books = await control('/test/books');
    const names = books.charges.map((one) => one.metadata.fault).filter((name) => name !== undefined);
    assert.equal(names.length, 9);
    assert.equal(new Set(names).size, 9);
    await fault('payment_intents.create', 'error', {does_work: true});
    const key = {idempotencyKey: 'work-and-500'};
    assert.equal((await refusal(paid(stripe, {}, key))).statusCode, 500);
    assert.equal((await refusal(paid(stripe, {}, key))).statusCode, 500);
    await fault('refunds.create', 'too_many');
    assert.equal((await refusal(stripe.refunds.create({charge: 'ch_none'}))).type, 'StripeRateLimitError');
    await fault('*', 'redirect');
    assert.ok(await refusal(stripe.charges.list()));
    assert.deepEqual((await control('/test/faults')).data, []);
}

async function listsAreWalkedBothWays() {
    const customer = await stripe.customers.create({name: 'Walker'});
    const made = [];
    for (let i = 0; i < 7; i++) {
        const one = await stripe.paymentIntents.create({amount: 100 + i, currency: 'eur', customer: customer.id});
        made.unshift(one.id);
    }
    const seen = [];
    for await (const intent of stripe.paymentIntents.list({customer: customer.id, limit: 3})) seen.push(intent.id);
    assert.deepEqual(seen, made);
    const page = await stripe.paymentIntents.list({customer: customer.id, limit: 2, ending_before: made[4]});
    assert.deepEqual(page.data.map((one) => one.id), made.slice(2, 4));
    assert.equal(page.has_more, true);
    assert.equal((await refusal(stripe.paymentIntents.list({limit: 101}))).param, 'limit');
    assert.equal((await refusal(stripe.charges.list({starting_after: 'ch_none'}))).code, 'resource_missing');
    const expanded = await stripe.paymentIntents.list({customer: customer.id, limit: 1, expand: ['data.customer']});
    assert.equal(expanded.data[0].customer.name, 'Walker');
}

async function movementsAddUpToTheBooks() {
    const start = Math.floor(Date.now() / 1000) - 5;
    const one = await paid(stripe, {amount: 3000});
    await stripe.refunds.create({payment_intent: one.id, amount: 1000});
    await paid(stripe, {amount: 12340, currency: 'kwd'});
    const failing = await paid(stripe, {payment_method: 'pm_card_refundFail'});
    const refund = await stripe.refunds.create({payment_intent: failing.id});
    await until('the refund fails', async () => (await stripe.refunds.retrieve(refund.id)).status === 'failed');
    const later = await paid(stripe, {payment_method: 'pm_card_pendingRefund'});
    const pending = await stripe.refunds.create({payment_intent: later.id});
    assert.equal(pending.status, 'pending');
    assert.equal((await stripe.refunds.cancel(pending.id)).status, 'canceled');
    assert.equal((await stripe.charges.retrieve(pending.charge)).amount_refunded, 0);
    const sums = {};
    for await (const movement of stripe.balanceTransactions.list({created: {gte: start}, limit: 100})) {
        sums[movement.currency] = (sums[movement.currency] ?? 0) + movement.net;
    }
    assert.deepEqual(sums, (await control('/test/books')).balances);
    const held = await paid(stripe, {capture_method: 'manual'});
    await control('/test/clock/advance', {seconds: 8 * 86400});
    assert.equal((await stripe.paymentIntents.retrieve(held.id)).cancellation_reason, 'automatic');
}

/* With the same key until there is an answer. Half a body is an error of the API to Stripe's client, which does not
 * ask again by itself. */
async function insist(attempt) {
    return until('an answer', async () => {
        try {
            return await attempt();
        } catch (error) {
            const isHalf = error.type === 'StripeAPIError' && error.statusCode === undefined;
            if (error.type !== 'StripeConnectionError' && !isHalf) throw error;
            return null;
        }
    });
}

/* Payments go on while somebody kills the bank: SOUK_ORDERS of them, each with its key until it is answered. */
async function killsLoseNothingAndDoNothingTwice() {
    const orders = Number(process.env.SOUK_ORDERS);
    const hasty = client({timeout: 2000});
    const answered = new Map();
    const buy = async (order) => {
        const form = {metadata: {order: String(order)}, capture_method: order % 2 ? 'manual' : 'automatic'};
        let intent = await insist(() => paid(hasty, form, {idempotencyKey: `pay ${order}`}));
        if (order % 2) {
            intent = await insist(() => hasty.paymentIntents.capture(intent.id, {}, {idempotencyKey: `take ${order}`}));
        }
        if (order % 5 === 0) {
            await insist(() => hasty.refunds.create({payment_intent: intent.id, amount: 999},
                {idempotencyKey: `back ${order}`}));
        }
        answered.set(String(order), intent.id);
        process.stdout.write(`${order}\n`);
    };
    for (let order = 0; order < orders; order += 4) {
        await Promise.all([0, 1, 2, 3].map((i) => buy(order + i)));
    }
    const books = await control('/test/books');
    assert.equal(books.charges.length, orders);
    for (const charge of books.charges) {
        assert.equal(answered.get(charge.metadata.order), charge.payment_intent);
        assert.equal(charge.captured, 1999);
        assert.equal(charge.refunded, charge.metadata.order % 5 === 0 ? 999 : 0);
        answered.delete(charge.metadata.order);
    }
    assert.equal(answered.size, 0);
}

export const stories = {
    moneyIsHeldCapturedAndRefunded, cardsAreDeclinedAsStripeDeclines, theCardholderApprovesOrRefuses,
    aCardIsKeptForLater, aKeyIsAnsweredOnce, silenceMayHaveTakenTheMoneyOrNot,
    answersThatAreLostAreAskedForAgain, listsAreWalkedBothWays,
    movementsAddUpToTheBooks, killsLoseNothingAndDoNothingTwice,
};
