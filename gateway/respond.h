/* Answers: JSON, problems (RFC 9457), entity tags and the headers that go with them. */
#pragma once

#include "gateway/exchange.h"
#include "gateway/problem.h"

/* Sends a reply that an actor gave with status OK. */
void respond_reply(struct exchange *exchange);
/* Answers OPTIONS: 204 with Allow, and what a preflight of CORS asks for. */
void respond_options(struct exchange *exchange, struct text allow);
void respond_problem(struct exchange *exchange, const struct problem *problem);
/* A strong entity tag of a body. */
struct text respond_tag(struct arena *arena, struct text body);
/* Sends `body` as it is, with the tag unless that is empty. `type` is a Content-Type. */
void respond_text(struct exchange *exchange, struct text type, struct text body, struct text tag);
