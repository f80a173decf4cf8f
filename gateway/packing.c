/* How much effort a packed answer is worth, and where it is kept. */
#include "gateway/packing.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/server_parts.h"

static enum coding choose(const struct exchange *exchange)
{
    return coding_choose(exchange_header_list(exchange, TEXT("accept-encoding")));
}

static struct text pack(struct exchange *exchange, struct text body, enum coding coding,
                        enum coding_use use)
{
    return packer_pack(exchange->server->packer, exchange->arena, body, coding, use);
}

enum coding packing_of(struct exchange *exchange, struct text body, const struct text *packed,
                       bool is_same, struct text *ret_sent)
{
    *ret_sent = body;
    if (body.length < CODING_BYTES_MIN) return CODING_NONE;
    const enum coding coding = choose(exchange);
    if (coding == CODING_NONE) return CODING_NONE;
    const bool is_known = packed != NULL && packed[coding].length > 0;
    if (!is_known && body.length > CODING_BYTES_MAX) return CODING_NONE;
    /* Of 304 nobody gets the body, and JSON of that length is always packed to less. */
    if (is_same) return coding;
    const struct text form = is_known ? packed[coding] : pack(exchange, body, coding, CODING_ONCE);
    if (form.length == 0) return CODING_NONE;
    *ret_sent = form;
    return coding;
}

void packing_of_kept(struct exchange *exchange, const struct kept_answer *kept)
{
    const enum coding coding = choose(exchange);
    if (coding == CODING_NONE || kept->packed[coding].length > 0 ||
        kept->body.length < CODING_BYTES_MIN)
        return;
    answer_cache_keep_packed(exchange->server->answers, kept, coding,
                             pack(exchange, kept->body, coding, CODING_OFTEN));
}

void packing_of_page(struct exchange *exchange, struct text body, struct text *packed)
{
    const enum coding coding = choose(exchange);
    if (coding == CODING_NONE || packed[coding].length > 0) return;
    const struct text form = pack(exchange, body, coding, CODING_ALWAYS);
    if (form.length == 0) return;
    char *copy = malloc(form.length);
    if (copy == NULL) abort();
    memcpy(copy, form.data, form.length);
    packed[coding] = (struct text){ copy, form.length };
}
