/* The ways out: a mail server, an API for text messages, and the list of what was sent that tests
 * and demonstrations read. Which of them there are is a matter of settings (`notification.*`). */
#pragma once

#include "actors/host/request.h"
#include "actors/notification/notification_capture_store.h"
#include "actors/notification/notification_store.h"

/* A finished mail or text message, ready to be sent. A text message has no subject and no html. */
struct notification_letter {
    struct text to, name; /* address or telephone; how the person is called */
    struct text subject, text, html;
    struct text message_id; /* notification_message_id() */
};

enum notification_outcome {
    NOTIFICATION_SENT,
    NOTIFICATION_FAILED,      /* try again later */
    NOTIFICATION_REFUSED,     /* for good: trying again would not help */
    NOTIFICATION_NO_TRANSPORT /* no way is configured */
};

struct notification_result {
    enum notification_outcome outcome;
    struct text provider_id; /* what the other side calls the message; may be empty */
    struct text error;       /* what it said, without the address; may be empty */
};

/* True if messages can be sent by the channel, even if only into the list. */
bool notification_can_send(const struct request *request, enum notification_channel channel);
/* True for an address (of a mailbox, or a telephone number) that the channel can send to. */
bool notification_address_is_good(enum notification_channel channel, struct text address);
/* True if what is sent is also kept in the list. */
bool notification_captures(const struct request *request);
/* True if the list is all that the channel has: then nothing leaves the market. */
bool notification_only_captures(const struct request *request, enum notification_channel channel);
/* The entry of the list for a message that was sent now. Its texts are the letter's. */
struct notification_capture notification_capture_of(struct request *request,
                                                    const struct notification_row *row,
                                                    const struct notification_letter *letter);
/* The name of a message for the outside, in the request's arena, the same in each attempt, by which
 * the other side can know a repetition: a Message-ID with its brackets, or of other channels the
 * id. */
struct text notification_message_id(struct request *request, const struct notification_row *row);

/* Sends the letter, and keeps it in the list where that is wanted. WAITS. Statuses: OK
 * (`*ret_result` says how it ended, also when nobody could be reached), STOPPING. */
MUST_CHECK enum status notification_send(struct request *request,
                                         const struct notification_row *row,
                                         const struct notification_letter *letter,
                                         struct notification_result *ret_result);
