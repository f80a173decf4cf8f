/* The server's state, for the files that carry a request: each line says whose it is. Included by
 * the HTTP server's own files only. */
#pragma once

#include "gateway/answer_cache.h"
#include "gateway/api_keys.h"
#include "gateway/authenticate.h"
#include "gateway/coding.h"
#include "gateway/ended_sessions.h"
#include "gateway/exchange.h"
#include "gateway/key_counts.h"
#include "gateway/node_health.h"
#include "gateway/picture_sweep.h"
#include "gateway/rate_limit.h"
#include "gateway/route.h"
#include "gateway/server.h"
#include "gateway/token_keys.h"

enum { SERVICE_TAG_BYTES = 32 };

/* A page that never changes, with what is made of it at its first request. */
struct service_page {
    char tag[SERVICE_TAG_BYTES];      /* "": not made yet */
    struct text packed[CODING_COUNT]; /* owned; NULL: not made yet, or it cannot be */
};

struct server {
    struct server_options options;
    h2o_globalconf_t config;
    h2o_context_t context;
    struct listener *listeners[2]; /* TLS, clear; either may be NULL */
    struct connections *connections;
    struct router *router;
    struct inquirer inquirer; /* this and the next four: admit.c */
    struct token_keys *keys;
    struct api_keys *api_keys;
    struct ended_sessions *ended;
    struct authenticator *authenticator;
    struct packer *packer;             /* packs answers (respond.c) */
    struct answer_cache *answers;      /* public ones that are kept (from_cache.c) */
    struct node_health *health;        /* service.c */
    struct picture_sweep *sweep;       /* NULL: without pictures */
    size_t media_reads;                /* files under way (media.c) */
    struct key_counts *in_flight_each; /* requests by who sent them (rate_key_of()) */
    struct key_counts *asking_each;    /* of these, questions under way (waiting.h) */
    struct exchange_list queued;       /* wait until their asker has fewer questions under way */
    size_t asking;                     /* questions under way */
    bool has_asked;                    /* one of them has ended since the last turn */
    struct streams *streams;           /* live ones (stream.h) */
    struct rate_limiter *rate_limiter; /* NULL: no rate limits */
    struct exchange_list arrived;      /* serve_request() at the end of the turn */
    struct exchange_list parked;       /* wait for keys (waiting.h) */
    struct exchange_list answered;     /* serve_answer() at the end of the turn */
    struct exchange_list unread;       /* answers that libh2o has not let go of (sending.h) */
    struct arena *spare_arenas[64];    /* of finished requests */
    size_t spare_arenas_count;
    bool is_untidy;                    /* there was a burst since memory was last given back */
    size_t in_flight;                  /* exchanges that exist */
    size_t body_max;                   /* bytes of the longest body that any route takes */
    size_t bodies_bytes;               /* of bodies that are not JSON and wait (raw_body.h) */
    size_t waiting;                    /* of these, for a domain or for keys (waiting.h) */
    size_t unread_count, unread_bytes; /* of answers in `unread` */
    struct service_page openapi, docs; /* service.c */
    uint32_t domains;                  /* bit per domain that a route needs */
    uint32_t surfaces_needed;          /* bit per kind of principal that has routes */
    bool is_stopping;
    int64_t stop_began_us;
    void (*on_stopped)(void *context);
    void *on_stopped_context;
    struct timer tick;
};
