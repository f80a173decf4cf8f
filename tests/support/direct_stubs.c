/* The parts of actors/host/request.h that need no market. */
#include <sodium.h>

#include "runtime/secret.h"
#include "tests/support/direct_request.h"

struct text request_id_text(const struct request *request)
{
    (void)request;
    return TEXT("test");
}

struct text request_client(const struct request *request)
{
    (void)request;
    return TEXT("192.0.2.1");
}

void request_random(struct request *request, void *bytes, size_t length)
{
    (void)request;
    randombytes_buf(bytes, length);
}

void request_derive_key(const struct request *request, const char *context, uint8_t ret_key[32])
{
    static const uint8_t market_key[SECRET_KEY_BYTES] = { 42 };
    (void)request;
    secret_digest_keyed(market_key, text_of(context), ret_key, SECRET_KEY_BYTES);
}

enum status request_offload(struct request *request, void (*work)(void *argument), void *argument)
{
    (void)request;
    work(argument);
    return STATUS_OK;
}

void request_set_http_status(struct request *request, int http_status)
{
    (void)request;
    (void)http_status;
}

enum status request_query_by_key(struct request *request, const struct statement *statement,
                                 struct uuid key, struct rows *ret_rows)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    param_uuid_array(params, request_arena(request), &key, 1);
    return request_query(request, statement, params, ret_rows);
}
