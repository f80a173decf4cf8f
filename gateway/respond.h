/* Answers: JSON, problems (RFC 9457), entity tags and the headers that go with them. */
#pragma once

#include "gateway/exchange.h"

/* Sends a reply that an actor gave with status OK. */
void respond_reply(struct exchange *exchange);
/* Answers OPTIONS: 204 with Allow, and what a preflight of CORS asks for. */
void respond_options(struct exchange *exchange, struct text allow);
void respond_problem(struct exchange *exchange, const struct problem *problem);
/* Sends `body` as it is, with a strong entity tag when `is_tagged`. `type` is a Content-Type. */
void respond_text(struct exchange *exchange, struct text type, struct text body, bool is_tagged);
