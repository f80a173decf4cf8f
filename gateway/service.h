/* What the gateway answers itself: /healthz, /readyz, /metrics, /openapi.json. */
#pragma once

#include "gateway/exchange.h"

/* Methods of these resources. */
#define SERVICE_ALLOW "GET, HEAD, OPTIONS"

/* Answers if the path is one of these. False: it is not. */
bool service_answer(struct exchange *exchange);
/* True for their paths. */
bool service_is_known(struct text path);
/* True for the paths of probes, which no limit of rate holds for. */
bool service_is_free(struct text path);
