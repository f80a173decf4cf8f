/* Reads the fields of a route's message from path, headers, query and body, in this order, and
 * packs them for the bus. What a client sends is refused here or never. */
#include "gateway/request.h"

#include <string.h>
#include <strings.h>

#include "gateway/answer_language.h"
#include "gateway/event_text.h"
#include "gateway/idempotency.h"
#include "gateway/raw_body.h"
#include "gateway/server_parts.h"
#include "gateway/stream.h"
#include "messages/codec_json.h"
#include "messages/codec_msgpack.h"

enum { QUERY_PARAMETERS_MAX = 32 };

/* A message that is being read. */
struct reading {
    struct exchange *exchange;
    const struct schema *schema;
    void *value;    /* the message's struct */
    uint64_t given; /* bit n: field n was in path, headers or query */
    struct field_faults *faults;
    size_t turned;      /* of the faults: their status is final */
    struct text cursor; /* `after`, as it came, */
    bool is_resumed;    /* of Last-Event-ID */
};

/* What is wrong with a text is told by the codec; what that means for the request depends on where
 * the text stood: the status of the faults that it has added is `status`, which is returned. */
static enum status reading_turn_faults(struct reading *reading, enum status status)
{
    for (size_t i = reading->turned; i < reading->faults->count; i++)
        reading->faults->entries[i].status = status;
    reading->turned = reading->faults->count;
    return status;
}

/* Reading goes on after a fault; the first one decides the status. */
static enum status first_of(enum status first, enum status next)
{
    return first != STATUS_OK ? first : next;
}

static enum status reading_refuse(struct reading *reading, enum field_place place, struct text name,
                                  enum status status, const char *detail)
{
    (void)problem_add_fault(reading->faults, place, name, status, detail);
    return reading_turn_faults(reading, status);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Undoes percent-encoding (RFC 3986); in a query '+' is a space. Statuses: OK, MALFORMED. */
static enum status percent_decode(struct arena *arena, struct text raw, bool is_query,
                                  struct text *ret_text)
{
    if (memchr(raw.data, '%', raw.length) == NULL &&
        (!is_query || memchr(raw.data, '+', raw.length) == NULL)) {
        *ret_text = raw;
        return STATUS_OK;
    }
    char *out = arena_allocate(arena, raw.length);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        char c = raw.data[i];
        if (c == '%') {
            const int high = i + 2 < raw.length ? hex_digit(raw.data[i + 1]) : -1;
            const int low = i + 2 < raw.length ? hex_digit(raw.data[i + 2]) : -1;
            if (high < 0 || low < 0) return STATUS_MALFORMED;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        out[length++] = c;
    }
    *ret_text = (struct text){ out, length };
    return STATUS_OK;
}

/* ---- path ---- */

static enum status reading_read_path(struct reading *reading)
{
    const struct route_match *match = &reading->exchange->match;
    const struct route *route = match->route;
    for (size_t i = 0; i < route->segments_count; i++) {
        if (route->segments[i][0] != '{') continue;
        const size_t position = route->segment_fields[i];
        struct text decoded;
        const bool is_read =
            percent_decode(reading->exchange->arena, match->values[i], false, &decoded) ==
                STATUS_OK &&
            json_decode_text(&reading->schema->fields[position], decoded, reading->exchange->arena,
                             reading->value, NULL) == STATUS_OK;
        if (!is_read) return STATUS_NOT_FOUND; /* no resource can have such a name */
        reading->given |= (uint64_t)1 << position;
    }
    return STATUS_OK;
}

/* ---- headers ---- */

static enum status reading_read_headers(struct reading *reading)
{
    enum status first = STATUS_OK;
    for (size_t i = 0; i < reading->schema->fields_count; i++) {
        const struct field *field = &reading->schema->fields[i];
        if ((field->flags & FIELD_IN_HEADER) == 0) continue;
        struct text value = exchange_header_list(reading->exchange, text_of(field->header));
        if (answer_language_is_field(reading->exchange->match.route, field))
            value = answer_language(reading->exchange);
        if (value.data == NULL) continue;
        reading->given |= (uint64_t)1 << i;
        if (json_decode_text(field, value, reading->exchange->arena, reading->value,
                             reading->faults) == STATUS_OK)
            continue;
        first = first_of(first, reading_turn_faults(reading, STATUS_MALFORMED));
    }
    return first;
}

/* ---- query ---- */

static const struct field *query_field(const struct reading *reading, struct text name,
                                       size_t *ret_position)
{
    const struct schema *schema = reading->schema;
    const struct route *route = reading->exchange->match.route;
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (route->body != BODY_JSON && i == route->body_field) continue;
        if ((field->flags & (FIELD_IN_PATH | FIELD_IN_HEADER)) != 0) continue;
        if (!text_equals_string(name, field->name)) continue;
        *ret_position = i;
        return field;
    }
    return NULL;
}

static enum status reading_read_parameter(struct reading *reading, struct text name,
                                          struct text value, bool has_fields)
{
    size_t position;
    const struct field *field = has_fields ? query_field(reading, name, &position) : NULL;
    if (field == NULL)
        return reading_refuse(reading, PLACE_QUERY, name, STATUS_UNKNOWN_PARAMETER,
                              "There is no such parameter here.");
    const uint64_t bit = (uint64_t)1 << position;
    if ((reading->given & bit) != 0) {
        return reading_refuse(reading, PLACE_QUERY, name, STATUS_INVALID_PARAMETER,
                              "The parameter is given twice.");
    }
    reading->given |= bit;
    if (field == cursor_field(reading->schema, "after")) {
        reading->cursor = value; /* until it is known of which list it must be */
        return STATUS_OK;
    }
    if (json_decode_text(field, value, reading->exchange->arena, reading->value, reading->faults) ==
        STATUS_OK)
        return STATUS_OK;
    return reading_turn_faults(reading, STATUS_INVALID_PARAMETER);
}

/* Goes on after a bad parameter, so that all are told at once. */
static enum status reading_read_query(struct reading *reading, bool has_fields)
{
    struct text rest = reading->exchange->query;
    enum status first = STATUS_OK;
    for (size_t count = 0; rest.length > 0; count++) {
        const char *end = memchr(rest.data, '&', rest.length);
        const size_t length = end == NULL ? rest.length : (size_t)(end - rest.data);
        const size_t used = end == NULL ? length : length + 1;
        const char *equals = memchr(rest.data, '=', length);
        const size_t name_length = equals == NULL ? length : (size_t)(equals - rest.data);
        struct text name = { rest.data, name_length };
        struct text value = { .data = "" };
        if (equals != NULL) value = (struct text){ equals + 1, length - name_length - 1 };
        rest = (struct text){ rest.data + used, rest.length - used };
        if (length == 0) continue;
        if (count == QUERY_PARAMETERS_MAX) return STATUS_INVALID_PARAMETER;
        TRY(percent_decode(reading->exchange->arena, name, true, &name));
        TRY(percent_decode(reading->exchange->arena, value, true, &value));
        first = first_of(first, reading_read_parameter(reading, name, value, has_fields));
    }
    return first;
}

/* ---- streams ---- */

/* A client that has lost a stream says what it saw last, which wins over what its address says. */
static enum status reading_read_last_event(struct reading *reading)
{
    struct exchange *exchange = reading->exchange;
    if (!stream_is_wanted(exchange)) return STATUS_OK;
    const struct text id = exchange_header(exchange, TEXT("last-event-id"));
    if (id.length == 0) return STATUS_OK;
    const struct field *after = event_text_after(reading->schema);
    reading->is_resumed = true;
    reading->given |= (uint64_t)1 << (after - reading->schema->fields);
    if (after == cursor_field(reading->schema, "after")) {
        reading->cursor = id;
        return STATUS_OK;
    }
    if (json_decode_text(after, id, exchange->arena, reading->value, NULL) == STATUS_OK)
        return STATUS_OK;
    return reading_refuse(reading, PLACE_HEADER, TEXT("Last-Event-ID"), STATUS_MALFORMED,
                          "This is no id of an event of this stream.");
}

/* ---- body ---- */

/* application/json, with charset utf-8 or none. */
static bool is_json_type(struct text type)
{
    static const char json[] = "application/json";
    const size_t length = sizeof json - 1;
    if (type.length < length || strncasecmp(type.data, json, length) != 0) return false;
    struct text rest = text_trim((struct text){ type.data + length, type.length - length });
    if (rest.length == 0) return true;
    if (rest.data[0] != ';') return false;
    rest = text_trim((struct text){ rest.data + 1, rest.length - 1 });
    static const char *const charsets[] = { "charset=utf-8", "charset=\"utf-8\"" };
    for (size_t i = 0; i < ARRAY_LENGTH(charsets); i++) {
        if (rest.length == strlen(charsets[i]) &&
            strncasecmp(rest.data, charsets[i], rest.length) == 0)
            return true;
    }
    return rest.length == 0;
}

/* The one field that comes from nowhere else. */
static enum status reading_read_raw(struct reading *reading)
{
    const struct route *route = reading->exchange->match.route;
    const enum status status = raw_body_read(reading->exchange, reading->value, reading->faults);
    reading->given |= (uint64_t)1 << route->body_field;
    return status == STATUS_OK ? STATUS_OK : reading_turn_faults(reading, status);
}

static enum status reading_read_body(struct reading *reading)
{
    struct exchange *exchange = reading->exchange;
    if (exchange->match.route->body != BODY_JSON) return reading_read_raw(reading);
    const struct text body = { exchange->req->entity.base, exchange->req->entity.len };
    const struct text coding = exchange_header(exchange, TEXT("content-encoding"));
    const bool is_coded = coding.length > 0 && !text_equals_string(coding, "identity");
    const bool is_json = is_json_type(exchange_header(exchange, TEXT("content-type")));
    if (body.length > 0 && (is_coded || !is_json)) return STATUS_UNSUPPORTED_MEDIA_TYPE;
    return json_decode(reading->schema, body, exchange->arena, reading->value, reading->faults);
}

/* A path that names nothing ends it; everything else is read to the end, so that a client learns of
 * all faults at once. The first one decides the status. */
static enum status reading_read(struct reading *reading)
{
    const bool is_get = strcmp(reading->exchange->match.route->method, "GET") == 0;
    TRY(reading_read_path(reading));
    enum status first = reading_read_headers(reading);
    const bool has_parameters = is_get || reading->exchange->match.route->body == BODY_RAW;
    first = first_of(first, reading_read_query(reading, has_parameters));
    first = first_of(first, reading_read_last_event(reading));
    if (!is_get) first = first_of(first, reading_read_body(reading));
    return first_of(first,
                    json_complete(reading->schema, reading->given, !is_get,
                                  reading->exchange->arena, reading->value, reading->faults));
}

/* ---- envelope ---- */

/* W3C Trace Context: version-trace-parent-flags, lower-case hexadecimal, neither id all zero. */
static bool is_traceparent(struct text text)
{
    enum { LENGTH = 55, TRACE_AT = 3, PARENT_AT = 36, FLAGS_AT = 53 };
    if (text.length != LENGTH || text_starts_with(text, TEXT("ff"))) return false;
    bool has_trace = false, has_parent = false;
    for (size_t i = 0; i < LENGTH; i++) {
        const char c = text.data[i];
        if (i == TRACE_AT - 1 || i == PARENT_AT - 1 || i == FLAGS_AT - 1) {
            if (c != '-') return false;
            continue;
        }
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        if (i >= TRACE_AT && i < PARENT_AT && c != '0') has_trace = true;
        if (i >= PARENT_AT && i < FLAGS_AT && c != '0') has_parent = true;
    }
    return has_trace && has_parent;
}

static void envelope_fill(struct exchange *exchange, const void *value)
{
    const struct message *message = exchange->match.route->message;
    struct envelope *request = &exchange->request;
    unsigned shard = 0;
    request->kind = ENVELOPE_REQUEST;
    request->domain = (uint8_t)message->domain;
    request->number = message->number;
    /* A message without a key keeps the zero key, and any node of its domain may answer it. */
    const struct uuid sender = envelope_sender(&exchange->principal, request->msg_id);
    if (message_key_of(message, value, sender, &request->key, &shard))
        request->shard = (uint8_t)shard;
    request->principal = exchange->principal;
    principal_prove(exchange->server->options.principal_key, request->msg_id, &request->principal,
                    request->principal_proof);
    request->request_id = exchange->request_id;
    request->client = client_address_text(exchange->arena, &exchange->client);
    const struct text trace = exchange_header(exchange, TEXT("traceparent"));
    if (is_traceparent(trace)) request->trace = text_copy(exchange->arena, trace);
}

/* A cursor is good for the list, and the filters, that it came from. */
static enum status reading_read_cursor(struct reading *reading)
{
    struct exchange *exchange = reading->exchange;
    const struct message *message = exchange->match.route->message;
    exchange->has_cursor_tag =
        cursor_tag(message, reading->value, exchange->arena, exchange->cursor_tag);
    if (reading->cursor.data == NULL) return STATUS_OK;
    struct text cursor;
    const bool is_ours =
        exchange->has_cursor_tag &&
        cursor_open(exchange->arena, exchange->cursor_tag, reading->cursor, &cursor) == STATUS_OK &&
        json_decode_text(cursor_field(reading->schema, "after"), cursor, exchange->arena,
                         reading->value, NULL) == STATUS_OK;
    if (is_ours) return STATUS_OK;
    if (reading->is_resumed)
        return reading_refuse(reading, PLACE_HEADER, TEXT("Last-Event-ID"), STATUS_MALFORMED,
                              "This is no id of an event of this stream.");
    return reading_refuse(reading, PLACE_QUERY, TEXT("after"), STATUS_INVALID_PARAMETER,
                          "This is no cursor of this list with these filters.");
}

enum status request_read(struct exchange *exchange, struct problem *ret_problem)
{
    assert(exchange->match.route != NULL);
    assert(exchange->request_id.length > 0);
    const struct schema *schema = exchange->match.route->message->body;
    assert(schema->fields_count <= 64); /* a bit each in `given` */
    struct reading reading = { .exchange = exchange, .schema = schema };
    reading.value = arena_allocate(exchange->arena, schema->size);
    reading.faults = arena_allocate(exchange->arena, sizeof *reading.faults);
    ret_problem->faults = reading.faults;
    TRY(reading_read(&reading));
    TRY(reading_read_cursor(&reading));
    TRY(idempotency_read(exchange, reading.faults));
    exchange->value = reading.value;
    if (exchange->match.route->body != BODY_PICTURE) /* which is known when it has been decoded */
        TRY(msgpack_encode(schema, reading.value, exchange->arena, ENVELOPE_BODY_MAX,
                           &exchange->request.body));
    envelope_fill(exchange, reading.value);
    return STATUS_OK;
}
