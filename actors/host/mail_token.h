/* Tokens that are sent to people: "tic_<id>.<43 characters>". The secret part is a keyed digest of
 * the domain and the id, so that rows and backups hold none, and whoever sends the message can make
 * the token at that moment. What it is good for, and how often, its domain knows. */
#pragma once

#include "actors/host/request.h"

/* In the request's arena. */
struct text mail_token_make(struct request *request, enum domain domain, struct uuid id);
/* Whether this market has made the token for that domain; what it is still good for, it does not
 * say. Reads nothing. */
bool mail_token_is_ours(struct request *request, enum domain domain, struct text token);
/* The id that a token of that domain is for. Reads nothing. Statuses: OK, INVALID_TICKET (anything
 * else; at "/token"). */
MUST_CHECK enum status mail_token_read(struct request *request, enum domain domain,
                                       struct text token, struct uuid *ret_id);
/* What stands for such a token where it is typed by hand: eight digits, in the request's arena. As
 * few as that can be guessed, so whoever takes them counts. */
struct text mail_code_make(struct request *request, enum domain domain, struct uuid id);
