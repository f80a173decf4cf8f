/* Defines h2o_hpack_parse_headers() anew: the dynamic linker prefers the executable's symbol, for
 * libh2o's own calls, too. libh2o's function is found with dlsym() and does the work. */
#include "gateway/http2_heads.h"

#include <assert.h>
#include <dlfcn.h>
#include <h2o.h>
#include <string.h>

#include "gateway/connection.h"

enum {
    INDEXED = 0x80,         /* the whole field is in the table */
    LITERAL_INDEXED = 0x40, /* becomes part of the table */
    TABLE_SIZE = 0x20,      /* no field */
    REQUEST_BYTES = 6144,   /* what a request holds before its first field */
    FIELD_BYTES = 112       /* what one more holds, in libh2o's vectors and pool */
};

/* As h2o/http2_internal.h has it, which cannot be included; tables and digests are handed on. */
int h2o_hpack_parse_headers(h2o_req_t *req, void *header_table, const uint8_t *src, size_t len,
                            int *pseudo_header_exists_map, size_t *content_length, void **digests,
                            const char **err_desc);
typedef int (*parse_function)(h2o_req_t *, void *, const uint8_t *, size_t, int *, size_t *,
                              void **, const char **);

/* ---- counting ---- */

/* An integer with a prefix of so many bits (RFC 7541, section 5.1), as long as libh2o takes them.
 * False: it is broken. */
static bool read_int(const uint8_t **at, const uint8_t *end, unsigned prefix_bits,
                     size_t *ret_value)
{
    enum { OCTETS_MAX = 4 };
    if (*at == end) return false;
    const size_t prefix_max = ((size_t)1 << prefix_bits) - 1;
    size_t value = *(*at)++ & prefix_max;
    if (value == prefix_max) {
        bool has_more = true;
        for (unsigned i = 0; has_more; i++) {
            if (*at == end || i == OCTETS_MAX) return false;
            value += (size_t)(**at & 0x7f) << (7 * i);
            has_more = (*(*at)++ & 0x80) != 0;
        }
    }
    *ret_value = value;
    return true;
}

static bool skip_string(const uint8_t **at, const uint8_t *end)
{
    size_t length;
    if (!read_int(at, end, 7, &length) || length > (size_t)(end - *at)) return false;
    *at += length;
    return true;
}

/* False: the block is broken, or ends. */
static bool skip_field(const uint8_t **at, const uint8_t *end, size_t *fields)
{
    size_t value;
    if (*at == end) return false;
    const uint8_t first = **at;
    if ((first & INDEXED) != 0) {
        (*fields)++;
        return read_int(at, end, 7, &value);
    }
    if ((first & (LITERAL_INDEXED | TABLE_SIZE)) == TABLE_SIZE) return read_int(at, end, 5, &value);
    (*fields)++;
    if (!read_int(at, end, (first & LITERAL_INDEXED) != 0 ? 6 : 4, &value)) return false;
    if (value == 0 && !skip_string(at, end)) return false;
    return skip_string(at, end);
}

size_t http2_heads_count(const uint8_t *block, size_t length)
{
    const uint8_t *at = block, *end = block + length;
    size_t fields = 0;
    while (skip_field(&at, end, &fields))
        ;
    return fields;
}

/* ---- memory ---- */

/* In the request's pool, so that it goes when the request does. */
struct head_guard {
    struct connection *connection;
    size_t bytes;
};

static void on_head_disposed(void *memory)
{
    const struct head_guard *guard = memory;
    connection_head_ends(guard->connection, guard->bytes);
}

static bool head_begins(h2o_req_t *req, size_t fields, size_t length)
{
    struct connection *connection = connection_of(req);
    const size_t bytes = REQUEST_BYTES + fields * FIELD_BYTES + 2 * length;
    if (!connection_head_begins(connection, bytes)) return false;
    struct head_guard *guard = h2o_mem_alloc_shared(&req->pool, sizeof *guard, on_head_disposed);
    *guard = (struct head_guard){ .connection = connection, .bytes = bytes };
    return true;
}

/* ---- in libh2o's place ---- */

static parse_function find_next(void)
{
    static parse_function next; /* looked up once; the same address in every thread */
    if (next == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "h2o_hpack_parse_headers");
        assert(symbol != NULL);
        memcpy(&next, &symbol, sizeof next);
    }
    return next;
}

int h2o_hpack_parse_headers(h2o_req_t *req, void *header_table, const uint8_t *src, size_t len,
                            int *pseudo_header_exists_map, size_t *content_length, void **digests,
                            const char **err_desc)
{
    const size_t fields = len > HEAD_BLOCK_MAX ? SIZE_MAX : http2_heads_count(src, len);
    if (fields > HEAD_FIELDS_MAX || !head_begins(req, fields, len)) {
        *err_desc = "the head is too large";
        return H2O_HTTP2_ERROR_ENHANCE_YOUR_CALM;
    }
    return find_next()(req, header_table, src, len, pseudo_header_exists_map, content_length,
                       digests, err_desc);
}

bool http2_heads_are_linked(void)
{
    /* RTLD_DEFAULT: what all libraries of the process resolve the name to. */
    void *resolved = dlsym(RTLD_DEFAULT, "h2o_hpack_parse_headers"), *own;
    const parse_function function = h2o_hpack_parse_headers;
    memcpy(&own, &function, sizeof own);
    return resolved == own;
}
