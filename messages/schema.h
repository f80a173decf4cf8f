/* The types of the tables that scripts/generate_messages.py fills in, and look-ups in them.
 * Codecs, validation, routing and OpenAPI are all driven by these tables; nothing is generated as
 * code but structs and dispatch thunks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domains.h" /* generated: enum domain { DOMAIN_USER = 1, ... }, DOMAIN_LIMIT, domain_name() */
#include "messages/values.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum field_type {
    FIELD_BOOL,
    FIELD_INT,
    FIELD_MONEY,
    FIELD_ID,
    FIELD_TEXT,
    FIELD_BYTES,
    FIELD_TIME,
    FIELD_ENUM,
    FIELD_RECORD,
    FIELD_MAP,
};

enum field_flag {
    FIELD_OPTIONAL = 1,  /* has_x says whether it is there */
    FIELD_SECRET = 2,    /* never logged */
    FIELD_IN_PATH = 4,   /* taken from the URL's path */
    FIELD_IN_HEADER = 8, /* taken from a request header */
    FIELD_JSON = 16,     /* a text that is one JSON value and is answered as such */
    FIELD_DIGITS = 32,   /* a text that holds long numbers which are no cards' */
    FIELD_PHONE = 64     /* the same of telephones, which are not as long as most cards' */
};

/* What a text that people write for others may hold (runtime/plain_text.h). An empty one that the
 * lengths allow is none. */
enum field_words {
    WORDS_ANY,
    WORDS_NAME,   /* one line */
    WORDS_REASON, /* lines */
};

enum {
    SCHEMA_DEPTH_MAX = 8,    /* records inside records */
    SCHEMA_FIELDS_MAX = 64,  /* fields of one record */
    SCHEMA_PREFIXES_MAX = 3, /* kinds of id that one field takes */
    ROUTE_SEGMENTS_MAX = 8,  /* parts of a path */
    ROUTE_TAKES_MAX = 8,     /* media types of a body */
    MESSAGE_NUMBER_MAX = 11999
};

struct schema;

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;         /* enum field_flag */
    enum field_words words; /* of a text */
    size_t list_max;        /* 0: a single value */
    size_t offset;          /* of the value; of the pointer, for lists and maps */
    size_t presence_offset; /* of bool has_x (FIELD_OPTIONAL); of size_t x_count (lists and maps) */
    int64_t min, max; /* int and money: the value; text and bytes: the length; map: max entries */
    int64_t text_max; /* map: characters of one name or value */
    const char *prefixes[SCHEMA_PREFIXES_MAX]; /* ids; unused ones are NULL */
    const struct schema *record;
    const char *const *enum_names; /* by value */
    size_t enum_count;
    const char *header;        /* FIELD_IN_HEADER */
    const char *default_value; /* as it would stand in a query string, or NULL */
};

struct schema {
    const char *name; /* "wallet.hold_funds" */
    size_t size;      /* of the C struct */
    const struct field *fields;
    size_t fields_count;
};

/* An entry of a map, in the order in which it was given. */
struct text_pair {
    struct text name;
    struct text value;
};

enum message_kind { MESSAGE_COMMAND, MESSAGE_QUERY, MESSAGE_EVENT };

/* Who may send a message. */
enum message_role {
    ROLE_NODE,
    ROLE_OPERATOR,
    ROLE_PUBLIC,
    ROLE_STORE_OPTIONAL,
    ROLE_STORE,
    ROLE_VENDOR,
    ROLE_ADMIN,
};

/* What decides the actor that gets a message. */
enum message_key { KEY_NONE /* scope domain */, KEY_FIELD, KEY_PRINCIPAL };
/* In which form a text is the key: as it stands, or as the address that it spells. */
enum message_key_form { KEY_FORM_PLAIN, KEY_FORM_EMAIL };

/* Which limit of rate the message's route counts under: that of requests, or the lower one of what
 * checks or makes credentials for somebody who is not signed in, or that of codes that must not be
 * guessed. */
enum message_rate { RATE_DEFAULT, RATE_AUTH, RATE_CODES, RATE_WEBHOOKS };

struct message {
    uint16_t number;
    const char *name; /* "wallet.hold_funds" */
    enum message_kind kind;
    enum message_role role;
    enum domain domain;
    enum message_key key;
    size_t key_field; /* index into body->fields; an id or a text */
    enum message_key_form key_form;
    uint64_t right; /* bits, one of which the principal must have; 0: none, but no API key either */
    const char *right_name;     /* as people write them; NULL: none */
    bool needs_step_up;         /* a second factor within the last STEP_UP_LIFE_US */
    bool asks_session;          /* its domain says now that the sender's session has not ended */
    bool refuses_impersonation; /* staff may not do it in a shopper's name */
    enum message_rate rate;
    bool ends_session; /* when it succeeds, the session of the sender's token has ended */
    const struct schema *body;
    const struct schema *reply;   /* &empty_schema when nothing is answered; NULL for events */
    const enum domain *consumers; /* events */
    size_t consumers_count;
};

/* What a route does with an Idempotency-Key; ignored where a method may be repeated as it is. */
enum route_idempotency {
    IDEMPOTENCY_IGNORED,
    IDEMPOTENCY_REFUSED,
    IDEMPOTENCY_ALLOWED,
    IDEMPOTENCY_REQUIRED
};
/* ETAG_STATE: a version, which changes are conditional on, and a digest of what is shown beside it.
 */
enum route_etag { ETAG_NONE, ETAG_BODY, ETAG_VERSION, ETAG_STATE };

/* What the body of a request is. RAW: the bytes as they came are the field `body_field`, of type
 * bytes. PICTURE: the gateway keeps the picture, and the field, a common.picture, names it. */
enum route_body { BODY_JSON, BODY_RAW, BODY_PICTURE };

struct route {
    const char *method;
    const char *path; /* "/v1/carts/{cart_id}/lines", for logs */
    const char
        *segments[ROUTE_SEGMENTS_MAX]; /* a literal, or "{" and the field's name for a parameter */
    size_t segment_fields[ROUTE_SEGMENTS_MAX]; /* index into message->body->fields of a parameter */
    size_t segments_count;
    const struct message *message;
    int http_status;
    enum route_idempotency idempotency;
    enum route_etag etag;
    bool is_cacheable;
    bool is_stream;              /* also as text/event-stream (gateway/stream.h) */
    bool is_hinted_by_principal; /* a stream: hints are of the shard of whoever asks */
    bool is_only_in_tests;       /* there in test mode only */
    bool answers_picture;        /* its reply, a common.picture_file, names what is sent */
    const char *location;  /* "/v1/order-groups/": where an answer 202 is read; NULL: nowhere */
    size_t location_field; /* index into message->reply->fields of the id behind it */
    const char *file_type; /* of its reply's text `file`, which is sent as it is where it is
                              there; NULL: it is JSON always */
    enum route_body body;
    size_t body_field;                  /* not of JSON: index into message->body->fields, */
    size_t body_max;                    /* the bytes that are taken, */
    const char *takes[ROUTE_TAKES_MAX]; /* and the media types; unused ones are NULL */
};

/* Generated. */
extern const struct route route_table[];
extern const size_t route_table_count;
extern const struct message *const message_table[];
extern const size_t message_table_count;
extern const struct schema empty_schema;
extern const char openapi_json[];
extern const size_t openapi_json_length;
/* The page of GET /docs. */
extern const char docs_html[];
extern const size_t docs_html_length;
/* The same of a market in test mode, with the routes that are there only then. */
extern const char openapi_with_tests_json[];
extern const size_t openapi_with_tests_json_length;
extern const char docs_with_tests_html[];
extern const size_t docs_with_tests_html_length;
/* Its Content-Security-Policy, which lets in its own style and script. */
extern const char docs_policy[];

/* The body of messages that say nothing. */
struct empty {
    char unused;
};

/* The field of that name, which the schema has: for whoever needs to know its limits. */
const struct field *schema_field(const struct schema *schema, const char *name);
/* Finds a message by its permanent number; NULL if there is none. */
const struct message *message_find(uint16_t number);

/* The key of the actor that a command goes to, and its shard (messages/README.md, Decisions: ids
 * carry their shard): an id is its own key; a text key is the BLAKE2b-128 of the text with the
 * shard of its SipHash, of the key form EMAIL taken over the normal form of the address (of what is
 * no address, as it stands: its handler refuses it); KEY_PRINCIPAL is `sender`, what
 * runtime/envelope.h's envelope_sender() says. Returns false for messages without a key. */
bool message_key_of(const struct message *message, const void *body, struct uuid sender,
                    struct uuid *ret_key, unsigned *ret_shard);
