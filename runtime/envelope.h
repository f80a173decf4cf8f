/* What surrounds a message on a link: one msgpack array of fixed positions, then the body as bytes.
 * A link frame carries a link header and the batch of envelopes of one loop turn. Input is hostile:
 * everything is bounded. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum {
    ENVELOPE_VERSION = 3,
    ENVELOPE_BODY_MAX = 1 << 20 | 1 << 15, /* bytes of 1 MiB and what says whose they are */
    ENVELOPE_BATCH_MAX = 256,              /* envelopes in one frame */
    ENVELOPE_REQUEST_ID_MAX = 64,
    ENVELOPE_TRACE_MAX = 64,
    ENVELOPE_CLIENT_MAX = 45, /* an IP address in text */
    ENVELOPE_HOPS_MAX = 4,
    FRAME_BYTES_MAX = 1 << 20 | 1 << 16 /* one frame; also ZMQ_MAXMSGSIZE */
};

enum envelope_kind {
    ENVELOPE_REQUEST = 1, /* a command, query or event fetch; is answered */
    ENVELOPE_REPLY = 2,
    ENVELOPE_HINT = 3,     /* hint.h */
    ENVELOPE_CREDIT = 4,   /* sequence = messages finished since the link began */
    ENVELOPE_JOIN = 5,     /* body: one member; to the agent */
    ENVELOPE_SNAPSHOT = 6, /* body: all members; from the agent */
    ENVELOPE_PING = 7,
    ENVELOPE_LEAVE = 8 /* to the agent: the sender's life ends now */
};

enum principal_kind {
    PRINCIPAL_NONE = 0,
    PRINCIPAL_SHOPPER = 1,
    PRINCIPAL_VENDOR = 2,
    PRINCIPAL_ADMIN = 3,
    PRINCIPAL_OPERATOR = 4, /* proved by the link, not by a token */
    PRINCIPAL_NODE = 5      /* another actor */
};

/* On whose behalf a message is sent; proved by the keyed digest of the gateway that verified the
 * token. */
struct principal {
    enum principal_kind kind;
    struct uuid id;
    int64_t expires_at_us; /* real time; 0 for NODE and OPERATOR */
    struct uuid session;   /* or the API key */
    /* Who acts in the principal's name: a member of the vendor's team, or the member of staff who
     * impersonates a shopper. Zero: the principal itself. */
    struct uuid actor;
    uint64_t rights;      /* bits: 1 << enum <domain>_permission of the audience's domain */
    int64_t confirmed_us; /* real time of the last second factor; 0: none */
    bool is_api_key;
};

/* True when staff acts in a shopper's name. */
bool principal_is_impersonated(const struct principal *principal);

/* Whose actor gets a message that is keyed by its sender: the principal; nobody else is known when
 * there is none, so each such message has an actor of its own, named by the message. */
struct uuid envelope_sender(const struct principal *principal, struct uuid msg_id);

struct envelope {
    enum envelope_kind kind;
    uint8_t domain; /* enum domain */
    uint8_t shard;
    uint8_t hops;
    uint16_t number;    /* of the message */
    uint64_t ask;       /* the sender's number for this attempt; a reply repeats it */
    struct uuid msg_id; /* the same on every attempt */
    struct uuid key;    /* of the actor; zero for scope "domain" */
    uint32_t budget_ms; /* time that is left, relative; 0 in replies */
    uint64_t sequence;
    struct principal principal;
    uint8_t principal_proof[16];
    bool has_idempotency;
    bool is_replayed;            /* reply: answered from the stored answer */
    uint8_t idempotency_key[32]; /* digest of principal or cart token, method, path, key */
    uint8_t idempotency_fingerprint[16];
    uint16_t http_status; /* reply: chosen by the actor, or 0 */
    enum status status;   /* reply; the name travels, never the number */
    struct text request_id, trace;
    struct text client; /* address that the request came from; empty: not from outside */
    struct text body;
};

/* A copy whose texts and body are in the arena: what has arrived is a view into its frame. */
struct envelope envelope_copy(struct arena *arena, const struct envelope *envelope);

/* Who sends a frame, and the proof that it may: BLAKE2b-128, keyed by the mesh's (or the
 * operator's) key, over sender name, kind, incarnation, opening and the receiver's incarnation (0
 * towards the agent). */
struct frame_header {
    struct text sender;  /* member name, <= MEMBER_NAME_MAX */
    uint8_t sender_kind; /* enum member_kind */
    uint64_t incarnation;
    uint64_t opening;  /* of the link by the sender; grows within a life. 0 towards the agent and
                          from  it */
    uint64_t sequence; /* of the frame in this opening and lane, from 1; holes are counted */
    uint8_t proof[16];
};

/* Fills in header->proof; receiver_incarnation is 0 towards the agent and from it. */
void frame_prove(const uint8_t key[32], uint64_t receiver_incarnation, struct frame_header *header);
bool frame_is_proved(const uint8_t key[32], uint64_t receiver_incarnation,
                     const struct frame_header *header);

/* Appends to a frame under construction. Statuses: OK, OVERLOADED (the frame or batch is full;
 * nothing appended). */
struct frame_writer {
    char *data;
    size_t length, capacity;
    size_t count;
};
void frame_writer_init(struct frame_writer *writer);
void frame_writer_clear(struct frame_writer *writer); /* frees */
void frame_begin(struct frame_writer *writer, const struct frame_header *header);
MUST_CHECK enum status frame_add(struct frame_writer *writer, const struct envelope *envelope);

/* Reads a frame envelope by envelope. Views point into `frame`. */
struct frame_reader {
    struct text frame;
    size_t position;
    size_t left;
};
/* Statuses: OK, CORRUPT. */
MUST_CHECK enum status frame_open(struct text frame, struct frame_reader *ret_reader,
                                  struct frame_header *ret_header);
/* Statuses: OK, NOT_FOUND (no more), CORRUPT (drop the rest). */
MUST_CHECK enum status frame_next(struct frame_reader *reader, struct envelope *ret_envelope);

/* The proof of a principal: keyed BLAKE2b-128 over msg_id and every field of the principal. */
void principal_prove(const uint8_t key[32], struct uuid msg_id, const struct principal *principal,
                     uint8_t ret_proof[16]);
bool principal_is_proved(const uint8_t key[32], const struct envelope *envelope);
