/* What a domain compares: a digest of sender, method, path and key, and a digest of the body
 * (gateway/README.md, Decisions: idempotency is a digest). */
#include "gateway/idempotency.h"

#include <strings.h>

#include "gateway/problem.h"
#include "runtime/secret.h"

enum { DIGEST_INPUT_MAX = 16384 };

/* Header fields by which a guest shows what is his. */
static const char *const guest_tokens[] = { "X-Cart-Token", "X-Order-Token" };

static bool is_visible(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < 0x21 || text.data[i] > 0x7e) return false;
    }
    return text.length >= 1 && text.length <= IDEMPOTENCY_KEY_MAX;
}

/* The header field whose token tells the guests of this message apart; NULL: none does. */
static const char *guest_token_of(const struct message *message)
{
    for (size_t i = 0; i < message->body->fields_count; i++) {
        const struct field *field = &message->body->fields[i];
        if ((field->flags & FIELD_IN_HEADER) == 0) continue;
        for (size_t k = 0; k < ARRAY_LENGTH(guest_tokens); k++) {
            if (strcasecmp(field->header, guest_tokens[k]) == 0) return guest_tokens[k];
        }
    }
    return NULL;
}

/* A guest's token is of the cart or the order that he acts on; empty where he shows none. */
static struct text guest_token(const struct exchange *exchange)
{
    const char *header = guest_token_of(exchange->match.route->message);
    return header == NULL ? (struct text){ 0 } : exchange_header(exchange, text_of(header));
}

/* A guest that shows no token cannot be told from the others, who must not get his answers: then
 * the key is refused. */
static bool is_sender_known(const struct exchange *exchange)
{
    return exchange->principal.kind != PRINCIPAL_NONE ||
           exchange->match.route->message->role != ROLE_STORE_OPTIONAL ||
           guest_token(exchange).length > 0;
}

/* The digest of sender, method, path and key, with zeros between them so that they cannot run
 * together: the last of them, the key, is visible ASCII. */
static void idempotency_digest(struct exchange *exchange, struct text key, uint8_t ret_digest[32])
{
    struct text_builder input;
    const struct principal *principal = &exchange->principal;
    const struct text zero = { "", 1 };
    text_builder_init(&input, exchange->arena, DIGEST_INPUT_MAX);
    text_builder_add_byte(&input, (char)principal->kind);
    text_builder_add(
        &input, (struct text){ (const char *)principal->id.bytes, sizeof principal->id.bytes });
    if (principal->kind == PRINCIPAL_NONE) {
        text_builder_add(&input, guest_token(exchange));
    }
    text_builder_add(&input, zero);
    text_builder_add(&input, text_of(exchange->match.route->method));
    text_builder_add(&input, zero);
    text_builder_add(&input, exchange->path);
    text_builder_add(&input, zero);
    text_builder_add(&input, key);
    if (input.is_full) {
        /* Only a guest's token can be that long, and nothing has such a one: the request will be
         * refused. */
        text_builder_init(&input, exchange->arena, DIGEST_INPUT_MAX);
        text_builder_add(&input, key);
    }
    secret_digest(text_builder_view(&input), ret_digest, 32);
}

/* What needs a key needs a proof, too: without one it is somebody else's. */
static enum status refuse_unknown_sender(const struct exchange *exchange,
                                         struct field_faults *faults)
{
    const char *header = guest_token_of(exchange->match.route->message);
    if (exchange->match.route->idempotency == IDEMPOTENCY_REQUIRED) return STATUS_NOT_FOUND;
    if (header == NULL)
        return problem_add_fault(
            faults, PLACE_HEADER, TEXT("Idempotency-Key"), STATUS_IDEMPOTENCY_KEY_REFUSED,
            "Nothing tells one guest from another here: this takes no key without an account.");
    return problem_add_fault(faults, PLACE_HEADER, text_of(header), STATUS_IDEMPOTENCY_KEY_REFUSED,
                             "Guests are told apart by the tokens of their carts and orders: a key "
                             "needs one beside it.");
}

/* Of what a request asks: its body, and beside a raw one its parameters, too. */
static void fingerprint(struct exchange *exchange, struct text body)
{
    uint8_t *const ret_digest = exchange->request.idempotency_fingerprint;
    const size_t length = sizeof exchange->request.idempotency_fingerprint;
    secret_digest(body, ret_digest, length);
    if (exchange->match.route->body != BODY_RAW || exchange->query.length == 0) return;
    struct text_builder both;
    text_builder_init(&both, exchange->arena, length + exchange->query.length);
    text_builder_add(&both, (struct text){ (const char *)ret_digest, length });
    text_builder_add(&both, exchange->query);
    secret_digest(text_builder_view(&both), ret_digest, length);
}

enum status idempotency_read(struct exchange *exchange, struct field_faults *faults)
{
    assert(exchange->match.route != NULL);
    const enum route_idempotency rule = exchange->match.route->idempotency;
    if (rule == IDEMPOTENCY_IGNORED) return STATUS_OK; /* its method may be repeated as it is */
    struct text key = exchange_header(exchange, TEXT("idempotency-key"));
    if (key.data == NULL)
        return rule == IDEMPOTENCY_REQUIRED ? STATUS_IDEMPOTENCY_KEY_REQUIRED : STATUS_OK;
    if (rule == IDEMPOTENCY_REFUSED) return STATUS_IDEMPOTENCY_KEY_REFUSED;
    if (!is_sender_known(exchange)) return refuse_unknown_sender(exchange, faults);
    struct text lines[2];
    if (exchange_last_headers(exchange, TEXT("idempotency-key"), lines, ARRAY_LENGTH(lines)) > 1)
        return problem_add_fault(faults, PLACE_HEADER, TEXT("Idempotency-Key"), STATUS_MALFORMED,
                                 "There is more than one key.");
    if (key.length >= 2 && key.data[0] == '"' && key.data[key.length - 1] == '"') {
        key = (struct text){ key.data + 1, key.length - 2 };
    }
    if (!is_visible(key)) {
        return problem_add_fault(faults, PLACE_HEADER, TEXT("Idempotency-Key"), STATUS_MALFORMED,
                                 "The key is 1 to 255 visible ASCII characters.");
    }
    const struct text body = { exchange->req->entity.base, exchange->req->entity.len };
    exchange->request.has_idempotency = true;
    if (exchange->match.route->body != BODY_PICTURE) /* picture_intake.c has its digest anyway */
        fingerprint(exchange, body);
    idempotency_digest(exchange, key, exchange->request.idempotency_key);
    return STATUS_OK;
}
