/* What the gateway answers itself: /healthz, /readyz, /metrics, /openapi.json, /docs,
 * /problems/<code>, /media/<digest>/<size>.webp, /.well-known/souk-token-keys. */
#pragma once

#include "gateway/exchange.h"

/* The Allow header of these resources. */
#define SERVICE_ALLOW "GET, HEAD, OPTIONS"

/* One of these resources. */
struct service {
    const char *path;
    void (*answer)(struct exchange *exchange);
    bool is_free; /* of rate limits: probes */
};

/* The resource of a path; NULL when it is none of the gateway's own. */
const struct service *service_find(struct text path);
/* Gives back what was made of the pages that never change. */
void service_forget_pages(struct server *server);
/* Answers a request for exchange->service. */
void service_answer(struct exchange *exchange);
