/* Stories of what the bank tells: events and disputes. */
import assert from 'node:assert/strict';

import {Receiver, client, control, paid, refusal, until} from './bank.mjs';

const stripe = client();

async function listening(events, codes) {
    const receiver = await new Receiver(codes).open();
    const endpoint = await stripe.webhookEndpoints.create({url: receiver.url, enabled_events: events});
    return {receiver, endpoint};
}

async function eventsAreSignedAndComeAgainUntilTaken() {
    const {receiver, endpoint} = await listening(['payment_intent.succeeded', 'charge.refunded'], [500, 302]);
    const intent = await paid(stripe);
    await until('the third attempt', () => receiver.calls.length === 3);
    for (const call of receiver.calls) {
        const event = stripe.webhooks.constructEvent(call.body, call.signature, endpoint.secret);
        assert.equal(event.type, 'payment_intent.succeeded');
        assert.equal(event.data.object.id, intent.id);
        assert.throws(() => stripe.webhooks.constructEvent(call.body + ' ', call.signature, endpoint.secret));
        assert.throws(() => stripe.webhooks.constructEvent(call.body, call.signature, 'whsec_other'));
    }
    const id = JSON.parse(receiver.calls[0].body).id;
    await until('nothing waits', async () => (await stripe.events.retrieve(id)).pending_webhooks === 0);
    const listed = await stripe.events.list({type: 'payment_intent.succeeded', limit: 1});
    assert.equal(listed.data[0].id, id);
    await stripe.webhookEndpoints.del(endpoint.id);
    receiver.close();
}

async function twoSecretsCountWhileOneIsChanged() {
    const {receiver, endpoint} = await listening(['customer.created']);
    const fresh = await control(`/test/webhook_endpoints/${endpoint.id}/roll_secret`, {expires_in_seconds: 3600});
    assert.notEqual(fresh.secret, endpoint.secret);
    await stripe.customers.create({name: 'Ann'});
    await until('it is told', () => receiver.calls.length === 1);
    const [{body, signature}] = receiver.calls;
    for (const secret of [endpoint.secret, fresh.secret]) stripe.webhooks.constructEvent(body, signature, secret);
    await control('/test/clock/advance', {seconds: 3601});
    await stripe.customers.create({name: 'Bob'});
    await until('it is told again', () => receiver.calls.length === 2);
    const last = receiver.calls[1];
    stripe.webhooks.constructEvent(last.body, last.signature, fresh.secret);
    assert.throws(() => stripe.webhooks.constructEvent(last.body, last.signature, endpoint.secret));
    await stripe.webhookEndpoints.del(endpoint.id);
    receiver.close();
}

async function eventsComeInAnyOrderAndMoreThanOnce() {
    const {receiver, endpoint} = await listening(['*']);
    await control('/test/deliveries/hold', {});
    await paid(stripe);
    await control('/test/deliveries/release', {order: 'reversed'});
    const backward = ['payment_intent.succeeded', 'charge.succeeded', 'payment_intent.created'];
    await until('all are told', () => receiver.calls.length === 3);
    assert.deepEqual(receiver.types(), backward);
    const id = JSON.parse(receiver.calls[0].body).id;
    await control(`/test/events/${id}/deliver`, {times: 3, endpoint: endpoint.id});
    await until('three more', () => receiver.calls.length === 6);
    assert.equal(new Set(receiver.calls.slice(3).map((call) => JSON.parse(call.body).id)).size, 1);
    await stripe.webhookEndpoints.del(endpoint.id);
    receiver.close();
}

async function whatIsProcessedLaterIsToldLater() {
    const {receiver, endpoint} = await listening(['payment_intent.succeeded', 'payment_intent.payment_failed']);
    const good = await paid(stripe, {payment_method: 'pm_async'});
    const bad = await paid(stripe, {payment_method: 'pm_async_failed'});
    assert.equal(good.status, 'processing');
    assert.equal((await refusal(stripe.paymentIntents.cancel(good.id))).code, 'payment_intent_unexpected_state');
    await until('both are told', () => receiver.calls.length === 2);
    assert.deepEqual(receiver.types().sort(), ['payment_intent.payment_failed', 'payment_intent.succeeded']);
    assert.equal((await stripe.paymentIntents.retrieve(good.id)).status, 'succeeded');
    assert.equal((await stripe.paymentIntents.retrieve(bad.id)).status, 'requires_payment_method');
    await stripe.webhookEndpoints.del(endpoint.id);
    receiver.close();
}

async function disputesTakeTheMoneyAndMayGiveItBack() {
    const {receiver, endpoint} = await listening(['charge.dispute.created', 'charge.dispute.closed']);
    const intent = await paid(stripe, {payment_method: 'pm_card_createDispute'});
    await until('it is told', () => receiver.calls.length === 1);
    const [dispute] = (await stripe.disputes.list({payment_intent: intent.id})).data;
    assert.equal(dispute.status, 'needs_response');
    assert.equal(dispute.amount, 1999);
    assert.equal(dispute.balance_transactions[0].amount, -1999);
    const charge = await stripe.charges.retrieve(dispute.charge);
    assert.equal(charge.disputed, true);
    assert.equal((await refusal(stripe.refunds.create({charge: charge.id}))).code, 'charge_disputed');
    const won = await control(`/test/disputes/${dispute.id}/win`, {});
    assert.equal(won.status, 'won');
    assert.equal(won.balance_transactions.reduce((sum, one) => sum + one.amount, 0), 0);
    const other = await paid(stripe);
    const opened = await control(`/test/charges/${other.latest_charge}/dispute`, {});
    assert.equal((await stripe.disputes.close(opened.id)).status, 'lost');
    assert.ok(await refusal(stripe.disputes.close(opened.id)));
    await until('all are told', () => receiver.calls.length === 4);
    await stripe.webhookEndpoints.del(endpoint.id);
    receiver.close();
}

export const stories = {
    eventsAreSignedAndComeAgainUntilTaken, twoSecretsCountWhileOneIsChanged, eventsComeInAnyOrderAndMoreThanOnce,
    whatIsProcessedLaterIsToldLater, disputesTakeTheMoneyAndMayGiveItBack,
};
