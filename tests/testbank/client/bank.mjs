/* Stripe's own client and what the stories share. The bank is at SOUK_BANK_PORT. */
import assert from 'node:assert/strict';
import http from 'node:http';

import Stripe from 'stripe';

export const port = Number(process.env.SOUK_BANK_PORT);
export const key = 'sk_test_stories';
const waitMs = 20000;

export function client(options = {}) {
    return new Stripe(key, {
        host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...options,
    });
}

/* One of the bank's own routes, with a form or without. */
export async function control(path, form, method = form === undefined ? 'GET' : 'POST') {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: {authorization: `Bearer ${key}`},
        body: method === 'POST' ? new URLSearchParams(form) : undefined,
    });
    const json = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(json));
    return json;
}

export function fault(operation, kind, more = {}) {
    return control('/test/faults', {operation, kind, ...more});
}

/* The error that a promise ends with. */
export async function refusal(promise) {
    const [result] = await Promise.allSettled([promise]);
    assert.equal(result.status, 'rejected', 'it was not refused');
    return result.reason;
}

export async function until(what, claim) {
    const end = Date.now() + waitMs;
    for (;;) {
        const found = await claim();
        if (found) return found;
        assert.ok(Date.now() < end, `never: ${what}`);
        await new Promise((done) => setTimeout(done, 20));
    }
}

/* An endpoint of webhooks that keeps what it is sent, and answers by `codes` first. */
export class Receiver {
    constructor(codes = []) {
        this.codes = codes;
        this.calls = [];
        this.server = http.createServer((request, answer) => {
            let body = '';
            request.on('data', (part) => { body += part; });
            request.on('end', () => {
                this.calls.push({body, signature: request.headers['stripe-signature']});
                answer.writeHead(this.codes.shift() ?? 200).end();
            });
        });
    }

    async open() {
        await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
        this.url = `http://127.0.0.1:${this.server.address().port}/hook`;
        return this;
    }

    close() {
        this.server.closeAllConnections();
        this.server.close();
    }

    types() {
        return this.calls.map((call) => JSON.parse(call.body).type);
    }
}

export function paid(stripe, more = {}, options = {}) {
    return stripe.paymentIntents.create(
        {amount: 1999, currency: 'eur', payment_method: 'pm_ok', confirm: true, ...more}, options);
}
