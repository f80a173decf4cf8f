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
    HUFFMAN = 0x80,         /* of a string's length */
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

/* Where the field itself begins, behind changes of the table's size; `end` if it does not. */
static const uint8_t *skip_sizes(const uint8_t *field, size_t length)
{
    const uint8_t *at = field, *end = field + length;
    size_t value;
    while (at != end && (*at & (INDEXED | LITERAL_INDEXED | TABLE_SIZE)) == TABLE_SIZE)
        if (!read_int(&at, end, 5, &value)) return end;
    return at;
}

/* True of a field whose name is written out. */
static bool has_own_name(const uint8_t *field, size_t length)
{
    const uint8_t *at = skip_sizes(field, length);
    if (field + length - at < 2 || (*at & INDEXED) != 0) return false;
    return (*at & ((*at & LITERAL_INDEXED) != 0 ? 0x3f : 0x0f)) == 0;
}

/* ---- memory ---- */

static void on_head_disposed(void *memory)
{
    connection_head_ends(memory);
}

/* In the request's pool, so that it goes when the request does. NULL: it does not fit. */
static struct connection_head *head_begins(h2o_req_t *req, size_t fields, size_t length)
{
    struct connection *connection = connection_of(req);
    if (fields > HEAD_FIELDS_MAX) {
        connection_has_fault(connection);
        return NULL;
    }
    const size_t bytes = REQUEST_BYTES + fields * FIELD_BYTES + 2 * length;
    if (!connection_head_fits(connection, bytes)) return NULL;
    struct connection_head *head = h2o_mem_alloc_shared(&req->pool, sizeof *head, on_head_disposed);
    *head = (struct connection_head){ .connection = connection, .request = req, .bytes = bytes };
    connection_head_begins(head);
    return head;
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

/* What libh2o's function is called with, for each field. */
struct decoding {
    h2o_req_t *req;
    void *table, **digests;
    int *pseudo; /* NULL behind the pseudo fields, as libh2o itself has it */
    size_t content_length;
    const char **problem;
    int soft; /* of a character that no field may have, which libh2o answers with 400 */
    bool is_malformed;
};

/* A name of capitals in its own bytes is written in small ones: libh2o would stop there, and its
 * table would lack the field. Gives the field to decode. */
static const uint8_t *write_small(struct decoding *decoding, const uint8_t *field, size_t length)
{
    const uint8_t *at = skip_sizes(field, length) + 1, *end = field + length;
    size_t name_length;
    if (!has_own_name(field, length)) return field;
    if ((*at & HUFFMAN) != 0 || !read_int(&at, end, 7, &name_length)) return field;
    const size_t offset = (size_t)(at - field);
    uint8_t *copy = NULL;
    for (size_t i = offset; i < offset + name_length && i < length; i++) {
        if (field[i] < 'A' || field[i] > 'Z') continue;
        if (copy == NULL) {
            copy = h2o_mem_alloc_pool(&decoding->req->pool, length);
            memcpy(copy, field, length);
        }
        copy[i] = (uint8_t)(field[i] - 'A' + 'a');
    }
    if (copy == NULL) return field;
    decoding->is_malformed = true;
    return copy;
}

/* libh2o looks for capitals before it has decoded Huffman's code. */
static bool has_capitals(h2o_iovec_t name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.base[i] >= 'A' && name.base[i] <= 'Z') return true;
    return false;
}

/* Gives 0, or an error that ends the connection: the table may be out of step. */
static int decode_field(struct decoding *decoding, const uint8_t *field, size_t length)
{
    const uint8_t *written = write_small(decoding, field, length);
    const int before = decoding->pseudo == NULL ? 0 : *decoding->pseudo;
    const h2o_headers_t *headers = &decoding->req->headers;
    const size_t headers_before = headers->size;
    size_t content_length = SIZE_MAX;
    const int error = find_next()(decoding->req, decoding->table, written, length, decoding->pseudo,
                                  &content_length, decoding->digests, decoding->problem);
    if (headers->size > headers_before && has_capitals(*headers->entries[headers_before].name))
        decoding->is_malformed = true;
    if (content_length != SIZE_MAX) decoding->content_length = content_length;
    if (decoding->pseudo != NULL && *decoding->pseudo == before) decoding->pseudo = NULL;
    if (error == H2O_HTTP2_ERROR_INVALID_HEADER_CHAR) {
        decoding->soft = error;
        return 0;
    }
    if (error != H2O_HTTP2_ERROR_PROTOCOL) return error;
    decoding->is_malformed = true; /* libh2o has put the field into its table before it looked */
    return 0;
}

/* RFC 9113, section 8.3.1: a path is never empty, and begins with a slash or is the asterisk.
 * libh2o lets all through. */
static bool has_path(const h2o_req_t *req)
{
    const h2o_iovec_t path = req->input.path;
    return path.len > 0 && (path.base[0] == '/' || h2o_memis(path.base, path.len, "*", 1));
}

/* Field by field, so that one which is malformed ends its stream (RFC 9113, section 8.1.1) and not
 * the connection: the rest is decoded all the same, and the table stays in step. */
static int decode_head(struct decoding *decoding, const uint8_t *src, size_t len)
{
    const uint8_t *at = src, *end = src + len;
    size_t fields = 0;
    while (at != end) {
        const uint8_t *field = at;
        const size_t before = fields;
        bool is_whole = true;
        while (is_whole && fields == before)
            is_whole = skip_field(&at, end, &fields); /* changes of the table's size go with it */
        const size_t length = (size_t)((is_whole ? at : end) - field);
        const int error = decode_field(decoding, field, length);
        if (error != 0) return error;
        if (!is_whole) break; /* libh2o took what we could not read */
    }
    return 0;
}

int h2o_hpack_parse_headers(h2o_req_t *req, void *header_table, const uint8_t *src, size_t len,
                            int *pseudo_header_exists_map, size_t *content_length, void **digests,
                            const char **err_desc)
{
    const size_t fields = len > HEAD_BLOCK_MAX ? SIZE_MAX : http2_heads_count(src, len);
    struct connection_head *head = head_begins(req, fields, len);
    if (head == NULL) {
        *err_desc = "the head is too large";
        return H2O_HTTP2_ERROR_ENHANCE_YOUR_CALM;
    }
    const bool is_trailer = pseudo_header_exists_map == NULL;
    head->is_a_request = is_trailer;
    if (is_trailer)
        return find_next()(req, header_table, src, len, NULL, content_length, digests, err_desc);
    struct decoding decoding = { .req = req,
                                 .table = header_table,
                                 .digests = digests,
                                 .pseudo = pseudo_header_exists_map,
                                 .content_length = SIZE_MAX,
                                 .problem = err_desc };
    const int error = decode_head(&decoding, src, len);
    *content_length = decoding.content_length;
    if (error != 0) return error;
    if (!decoding.is_malformed && has_path(req)) return decoding.soft;
    /* A request without its pseudo fields is what libh2o ends a stream for. */
    *pseudo_header_exists_map = 0;
    head->is_a_request = true; /* counted here, and not when it ends */
    connection_head_is_malformed(head->connection);
    return 0;
}

bool http2_heads_are_linked(void)
{
    /* RTLD_DEFAULT: what all libraries of the process resolve the name to. */
    void *resolved = dlsym(RTLD_DEFAULT, "h2o_hpack_parse_headers"), *own;
    const parse_function function = h2o_hpack_parse_headers;
    memcpy(&own, &function, sizeof own);
    return resolved == own;
}
