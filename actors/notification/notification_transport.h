/* The ways out: a mail server, an API for text messages, and the list of what was sent in tests and
 * demonstrations. */
#pragma once

#include "actors/host/request.h"
#include "actors/notification/notification_store.h"

/* A mail or text message that only lacks its way. */
struct notification_letter {
    struct text to, name; /* address or telephone; how the person is called */
    struct text subject, text, html;
    struct text message_id; /* the same in each attempt: of mails with its brackets */
};

enum notification_outcome {
    NOTIFICATION_SENT,
    NOTIFICATION_FAILED,      /* again later */
    NOTIFICATION_REFUSED,     /* never */
    NOTIFICATION_NO_TRANSPORT /* no way is configured */
};

struct notification_result {
    enum notification_outcome outcome;
    struct text provider_id, error; /* may be empty; error names no address */
};

/* True if the channel can be sent by, be it into the list only. */
bool notification_can_send(const struct request *request, enum notification_channel channel);
/* True for an address that the channel can be sent to. */
bool notification_address_is_good(enum notification_channel channel, struct text address);
/* True if what is sent is kept, too. */
bool notification_captures(const struct request *request);
/* True if that is all that happens to it: then nothing leaves the market. */
bool notification_only_captures(const struct request *request, enum notification_channel channel);
/* A message that was sent, as it is kept. */
struct notification_capture notification_capture_of(struct request *request,
                                                    const struct notification_row *row,
                                                    const struct notification_letter *letter);
/* The name of a message for the outside, in the request's arena. */
struct text notification_message_id(struct request *request, const struct notification_row *row);

/* Sends. WAITS. Statuses: OK (ret_result says how it went), STOPPING. */
MUST_CHECK enum status notification_send(struct request *request,
                                         const struct notification_row *row,
                                         const struct notification_letter *letter,
                                         struct notification_result *ret_result);
