/* The order is what makes it safe to be killed at any moment (gateway/picture/README.md, Decisions:
 * files first): the domain notes that files are coming, they are written, and only then does it
 * hear of the picture. */
#include "gateway/picture_intake.h"

#include <sodium.h>
#include <string.h>

#include "gateway/picture/pictures.h"
#include "gateway/server_parts.h"
#include "messages/codec_msgpack.h"
#include "pictures_messages.h"

static enum picture_area area_of(enum domain domain)
{
    return domain == DOMAIN_CATALOG ? PICTURE_AREA_PUBLIC : PICTURE_AREA_PRIVATE;
}

static enum status note(const struct exchange *exchange, struct text digest)
{
    const enum domain domain = exchange->match.route->message->domain;
    const struct pictures_messages *messages = pictures_messages_of(domain);
    if (messages == NULL) return STATUS_UNSUPPORTED;
    const struct pictures_note_picture command = { .digest = digest };
    struct empty nothing;
    return inquire(&exchange->server->inquirer, messages->note_picture, &command, exchange->arena,
                   &nothing);
}

static enum status keep(const struct exchange *exchange, const struct pictures *pictures,
                        struct text digest, const struct picture_frame *frame)
{
    struct picture_file file = { .area = area_of(exchange->match.route->message->domain),
                                 .digest = digest };
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        file.size = picture_sizes[i];
        TRY(picture_store_put(pictures->store, &file, frame->outputs[i].webp));
    }
    return STATUS_OK;
}

static struct text digest_text(struct arena *arena, const uint8_t digest[PICTURE_DIGEST_BYTES])
{
    char *text = arena_allocate(arena, PICTURE_DIGEST_TEXT + 1);
    (void)sodium_bin2hex(text, PICTURE_DIGEST_TEXT + 1, digest, PICTURE_DIGEST_BYTES);
    return (struct text){ text, PICTURE_DIGEST_TEXT };
}

static enum status encode(struct exchange *exchange, struct text digest,
                          const struct picture_frame *frame)
{
    const struct route *route = exchange->match.route;
    const struct schema *schema = route->message->body;
    struct common_picture picture = { .digest = digest,
                                      .width = frame->width,
                                      .height = frame->height };
    memcpy((char *)exchange->value + schema->fields[route->body_field].offset, &picture,
           sizeof picture);
    return msgpack_encode(schema, exchange->value, exchange->arena, ENVELOPE_BODY_MAX,
                          &exchange->request.body);
}

enum status picture_intake(struct exchange *exchange)
{
    if (exchange->match.route->body != BODY_PICTURE) return STATUS_OK;
    const struct pictures *pictures = exchange->server->options.pictures;
    assert(exchange->req != NULL);
    if (pictures == NULL) return STATUS_UNAVAILABLE;
    struct picture_made *made = arena_allocate(exchange->arena, sizeof *made);
    const struct picture_wish wish = {
        .bytes = { exchange->req->entity.base, exchange->req->entity.len },
        .job = &exchange->picture_job,
    };
    TRY(picture_decode(pictures->decoder, wish, exchange->arena, made));
    const struct text digest = digest_text(exchange->arena, made->digest);
    memcpy(exchange->request.idempotency_fingerprint, made->digest,
           sizeof exchange->request.idempotency_fingerprint);
    TRY(note(exchange, digest));
    TRY(keep(exchange, pictures, digest, &made->frame));
    return encode(exchange, digest, &made->frame);
}

void picture_intake_abandon(struct exchange *exchange)
{
    if (exchange->picture_job != NULL) picture_decoder_cancel(exchange->picture_job);
    assert(exchange->picture_job == NULL);
}

enum status picture_fetch(struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    const struct pictures *pictures = exchange->server->options.pictures;
    if (!route->answers_picture || exchange->reply.status != STATUS_OK) return STATUS_OK;
    if (pictures == NULL) return STATUS_UNAVAILABLE;
    struct common_picture_file named;
    if (msgpack_decode(&common_picture_file_schema, exchange->reply.body, exchange->arena,
                       &named) != STATUS_OK ||
        !picture_is_digest(named.digest) || !picture_is_size(named.size))
        return STATUS_CORRUPT;
    const struct picture_file file = { .area = area_of(route->message->domain),
                                       .digest = named.digest,
                                       .size = (int)named.size };
    return picture_store_get(pictures->store, &file, exchange->arena, &exchange->picture);
}
