/* A real server of the gateway on a thread of its own, a scripted backend behind it, and a plain
 * client in front. */
#pragma once

#include <stdatomic.h>

#include "common_messages.h"
#include "gateway/server.h"
#include "messages/schema.h"
#include "tests/support/cmocka.h"

/* ---- what the backend is told to do, and what it saw; touched by the test between requests only
 * ---- */

struct script {
    enum status transport; /* of the ask */
    enum status status;    /* of the reply */
    uint16_t http_status;
    bool is_replayed;
    int64_t delay_us;
    const struct schema *reply_schema; /* with reply_value; NULL: no body */
    const void *reply_value;
    bool keys_are_away;              /* get_token_keys fails, of all domains */
    enum principal_kind away;        /* and of this one */
    enum principal_kind unsupported; /* this one does not know the question */
    struct uuid ended[4];            /* what list_ended_sessions answers */
    struct uuid ended_key;           /* the same, of keys; zero: none */
    size_t ended_count;
    enum status key_status; /* of use_api_key */
    struct common_api_key_use key_use;
    int64_t key_delay_us;
    bool database_is_away, database_is_full; /* as nodes say */
};

/* What the lists of events answer: entries 1 to `count`, `page_max` at a time. May be changed while
 * streams are open; fixture_hint() tells the server. */
struct event_script {
    atomic_int count, page_max, note_bytes;
    atomic_int status;  /* enum status of their replies */
    atomic_size_t asks; /* how often they were asked */
};

struct seen {
    size_t asks;         /* without those for keys */
    size_t key_asks;     /* for token keys */
    size_t ended_asks;   /* for ended sessions */
    size_t api_key_asks; /* for API keys */
    int64_t ended_after_us;
    struct envelope last; /* texts are copies */
    struct text body;
};

struct thing {
    struct uuid id;
    struct text name;
    int64_t version;
};
extern const struct schema thing_schema;

struct make_thing {
    struct text name;
    int64_t quantity;
};
extern const struct schema make_thing_schema;

struct list_things {
    bool has_limit;
    int64_t limit;
    bool has_sort;
    int sort;
    bool has_owner;
    struct uuid owner;
};
extern const struct schema list_things_schema;

struct change_thing {
    struct uuid id;
    const int64_t *versions;
    size_t versions_count;
    bool has_name;
    struct text name;
    bool has_token;
    struct text token;
};
extern const struct schema change_thing_schema;

struct list_events {
    struct uuid id;
    bool has_after;
    int64_t after;
};
extern const struct schema list_events_schema;
struct list_news {
    bool has_after;
    struct text after;
};
extern const struct schema list_news_schema;
/* One of both. */
struct thing_event {
    int64_t sequence;
    struct text cursor, note;
};
struct thing_events {
    const struct thing_event *data;
    size_t data_count;
    bool has_more;
};
extern const struct schema thing_events_schema, thing_news_schema;

/* The bytes of a body as they came; `right` 1 is needed. */
struct keep_file {
    struct uuid id;
    bool has_content_type;
    struct text content_type;
    struct text bytes;
    bool has_note; /* of the query string */
    struct text note;
};
extern const struct schema keep_file_schema;
enum { KEEP_FILE_BYTES = 1 << 20 };
enum { LIST_EVENTS_NUMBER = 11910, LIST_NEWS_NUMBER = 11911 };

extern const struct route fixture_routes[];
extern const size_t fixture_routes_count;

enum { FIXTURE_ID_TEXT = 32 };

/* What a server may be told beside its limits. */
struct fixture_edge {
    const char *cors_origins;      /* or NULL */
    struct access_log *access_log; /* or NULL; to be closed after fixture_stop() */
};

struct fixture {
    struct script script;
    struct seen seen;
    struct event_script events;
    uint16_t clear_port, tls_port;
    struct server_limits limits;
    struct fixture_edge edge;
    struct arena *arena; /* of the test */
    struct thing thing;
    struct uuid hinted;  /* see fixture_hint_about() */
    bool hints_no_event; /* see struct hint */
    bool is_deaf;        /* nodes cannot be heard saying what is new */
    char thing_path[64];
    uint8_t secret_key[64]; /* signs tokens of all audiences */
    uint8_t principal_key[32];
    struct fixture_thread *thread;
};

/* What the backend answers to lists of events. */
MUST_CHECK enum status fixture_answer_events(struct event_script *script,
                                             const struct envelope *request, struct arena *arena,
                                             struct envelope *ret_reply);
/* Starts a server; `limits` may be NULL. cmocka setup and teardown functions with the usual limits.
 */
void fixture_start(struct fixture *fixture, const struct server_limits *limits);
void fixture_start_edge(struct fixture *fixture, const struct server_limits *limits,
                        const struct fixture_edge *edge);
void fixture_stop(struct fixture *fixture);
/* Begins to stop the server, as a signal does; fixture_stop() must follow. */
void fixture_begin_stop(struct fixture *fixture);
/* The server hears that there is something new where the thing's events are. */
void fixture_hint(struct fixture *fixture);
/* The same of another thing. */
void fixture_hint_about(struct fixture *fixture, struct uuid id);
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* ---- the client ---- */

struct answer {
    int status;       /* 0: the connection was closed without an answer */
    struct text head; /* with its last line's end */
    struct text body;
};

/* Connects to the clear port; fails the test if it cannot. Reads time out after 5 s. */
int client_connect(const struct fixture *fixture);
void client_send(int socket, struct text bytes);
/* Reads one HTTP/1.1 answer by its Content-Length. `is_head`: there is no body to read. */
struct answer client_read(struct fixture *fixture, int socket, bool is_head);
/* One request on a connection of its own. `headers` are lines that end in CRLF; "" is none. */
struct answer client_ask(struct fixture *fixture, const char *method, const char *target,
                         const char *headers, const char *body);
/* The value of an answer's header, or the empty view. `name` in lower case. */
struct text answer_header(const struct answer *answer, const char *name);
bool answer_contains(const struct answer *answer, const char *text);
/* Fails unless the answer is a problem of that status and code. */
void assert_refused(const struct answer *answer, int status, const char *code);
/* POST /v1/things as a shopper, with further header lines. */
struct answer post_thing(struct fixture *fixture, const char *more_headers, const char *body);
/* True if the peer closes within 5 s; whatever it sends before is dropped. */
bool client_is_closed(int socket);

/* The id of the sessions of tokens, and of everything else in them. */
struct token_parts {
    const char *audience, *kid;
    struct uuid session, actor; /* actor of a shopper: staff in his name; zero: none */
    struct uuid parent;         /* the session of that staff */
    int64_t lifetime_s;
    const char *rights; /* in hexadecimal; NULL: all */
};
const char *token_header_of(struct fixture *fixture, const struct token_parts *parts);
/* An access token as a header line. `kid` "good" is known to the backend. */
const char *token_header(struct fixture *fixture, const char *audience, const char *kid,
                         int64_t lifetime_s);
