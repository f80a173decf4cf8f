/* Answers: JSON, problems, entity tags, and the headers that go with them. Each function sends one
 * answer, after which the exchange may be gone. */
#pragma once

#include "gateway/exchange.h"
#include "gateway/problem.h"

/* Sends the reply of a domain, whose status is OK. */
void respond_reply(struct exchange *exchange);
/* Sends exchange->kept, the answer of an earlier request. */
void respond_kept(struct exchange *exchange);
/* Sets the status and the headers of a live stream, which is begun by stream.c. */
void respond_stream(struct exchange *exchange);
/* Sends a picture (WebP) as it is. On the loop's stack. The exchange may be gone afterwards. */
void respond_picture(struct exchange *exchange, struct text webp, struct text cache_control,
                     struct text tag);
/* Answers 304 if the client says that it has what the tag names; else does nothing. */
bool respond_unmodified(struct exchange *exchange, struct text cache_control, struct text tag);
/* Says where the client finds it (302), for a day. */
void respond_elsewhere(struct exchange *exchange, struct text url);
/* Answers OPTIONS: 204 with Allow, and with what a preflight of CORS asks for. */
void respond_options(struct exchange *exchange, struct text allow);
/* Sends a refusal. */
void respond_problem(struct exchange *exchange, const struct problem *problem);
/* Sends `body` as it is, or 304 if the client has it by its tag. `type` is a Content-Type; `tag`
 * may be empty. */
void respond_text(struct exchange *exchange, struct text type, struct text body, struct text tag);
/* The same with the body packed already in each coding; empty: it cannot be packed. */
void respond_page(struct exchange *exchange, struct text type, struct text body,
                  const struct text *packed, struct text tag);
