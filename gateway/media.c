/* A picture is read where it is kept, on a fiber of its own; a store that lets everybody read is
 * pointed to instead. */
#include "gateway/media.h"

#include <string.h>

#include "gateway/picture/pictures.h"
#include "gateway/rate_request.h"
#include "gateway/respond.h"
#include "gateway/server_parts.h"

enum { MEDIA_READS_MAX = 64 /* files at once */ };

#define MEDIA_CACHE "public, max-age=31536000, immutable"

static void refuse(struct exchange *exchange, enum status status)
{
    const struct problem problem = { .status = status };
    respond_problem(exchange, &problem);
}

/* Nothing but digits and a size that there is: a path of files is made of these alone. */
static bool read_path(struct text path, struct picture_file *ret_file)
{
    const struct text tail = TEXT(".webp");
    struct text rest = { path.data + strlen(MEDIA_PATH), path.length - strlen(MEDIA_PATH) };
    if (rest.length <= PICTURE_DIGEST_TEXT + 1 + tail.length) return false;
    const struct text digest = { rest.data, PICTURE_DIGEST_TEXT };
    if (!picture_is_digest(digest) || rest.data[PICTURE_DIGEST_TEXT] != '/') return false;
    rest =
        (struct text){ rest.data + PICTURE_DIGEST_TEXT + 1, rest.length - PICTURE_DIGEST_TEXT - 1 };
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d.webp", picture_sizes[i]);
        if (!text_equals_string(rest, name)) continue;
        *ret_file = (struct picture_file){ PICTURE_AREA_PUBLIC, digest, picture_sizes[i] };
        return true;
    }
    return false;
}

static struct text tag_of(const struct exchange *exchange, const struct picture_file *file)
{
    return text_format(exchange->arena, "\"%.*s-%d\"", (int)file->digest.length, file->digest.data,
                       file->size);
}

static void read_in_fiber(void *argument)
{
    struct exchange *exchange = argument;
    struct server *server = exchange->server;
    struct picture_file file;
    /* The path is libh2o's and may go while this waits; the name is made before. */
    const bool is_read = read_path(exchange->path, &file);
    assert(is_read);
    exchange->outcome = picture_store_get(server->options.pictures->store, &file, exchange->arena,
                                          &exchange->picture);
    exchange->is_asking = false;
    exchange->connection->asks--;
    server->media_reads--;
    if (exchange->req == NULL) {
        exchange_free(exchange);
        return;
    }
    exchange_list_append(&server->answered, exchange);
    loop_wake(server->options.loop);
}

static enum status read_file(struct exchange *exchange)
{
    struct server *server = exchange->server;
    if (server->media_reads == MEDIA_READS_MAX) return STATUS_OVERLOADED;
    if (exchange->connection->asks >= CONNECTION_ASKS_MAX) return STATUS_OVERLOADED;
    exchange->is_asking = true;
    exchange->connection->asks++;
    server->media_reads++;
    const enum status status = fiber_spawn(server->options.fibers, read_in_fiber, exchange);
    if (status == STATUS_OK) return STATUS_OK;
    exchange->is_asking = false;
    exchange->connection->asks--;
    server->media_reads--;
    return status;
}

void media_begin(struct exchange *exchange)
{
    const struct pictures *pictures = exchange->server->options.pictures;
    struct picture_file file;
    if (rate_count(exchange) != STATUS_OK) {
        refuse(exchange, STATUS_TOO_MANY_REQUESTS);
        return;
    }
    if (pictures == NULL || !read_path(exchange->path, &file)) {
        refuse(exchange, STATUS_NOT_FOUND);
        return;
    }
    if (pictures->public_url.length > 0) {
        char name[PICTURE_NAME_MAX];
        picture_file_name(&file, name);
        respond_elsewhere(exchange,
                          text_format(exchange->arena, "%.*s/%s", (int)pictures->public_url.length,
                                      pictures->public_url.data, name));
        return;
    }
    if (respond_unmodified(exchange, TEXT(MEDIA_CACHE), tag_of(exchange, &file))) return;
    const enum status status = read_file(exchange);
    if (status != STATUS_OK) refuse(exchange, status);
}

void media_answer(struct exchange *exchange)
{
    struct picture_file file;
    if (exchange->outcome != STATUS_OK || !read_path(exchange->path, &file)) {
        refuse(exchange, exchange->outcome);
        return;
    }
    respond_picture(exchange, exchange->picture, TEXT(MEDIA_CACHE), tag_of(exchange, &file));
}
