/* Which notices go to whom by which way, what people may refuse, and when a failed message is tried
 * again. All pure. */
#pragma once

#include "common_messages.h"
#include "notification_messages.h"

enum {
    NOTIFICATION_ATTEMPTS_MAX = 6,
    NOTIFICATION_CHOICES_MAX = NOTIFICATION_TOPIC_COUNT * NOTIFICATION_CHANNEL_COUNT
};

/* Where the link of a message leads. */
enum notification_link {
    NOTIFICATION_LINK_PLAIN,
    NOTIFICATION_LINK_TOKEN,  /* with the one-time token of the notice's ticket */
    NOTIFICATION_LINK_SUBJECT /* to what the notice is about */
};

struct notification_kind {
    enum notification_topic topic;
    bool is_critical;  /* always sent by e-mail */
    unsigned channels; /* bits: 1 << enum notification_channel */
    enum notification_link link;
    const char *path; /* of the link, behind the audience's */
};

const struct notification_kind *notification_kind_of(enum common_notice_kind kind);

/* What one shopper chose: bit topic * channels + channel. What was never chosen has its default:
 * e-mail and in-app on, text messages and all marketing off. */
struct notification_choices {
    struct uuid user_id;
    int64_t chosen, enabled; /* bits */
    int64_t version;         /* 1: nothing was ever chosen */
};

bool notification_choice(const struct notification_choices *choices, enum notification_topic topic,
                         enum notification_channel channel);
void notification_choose(struct notification_choices *choices, enum notification_topic topic,
                         enum notification_channel channel, bool is_enabled);

/* What becomes of one message when it is written. */
struct notification_fate {
    bool is_written; /* false: this way makes no sense for this person, or was never asked for */
    enum notification_message_state state; /* queued, sent (in-app) or suppressed */
    enum notification_suppression why;     /* when suppressed */
};

struct notification_prospect {
    enum common_notice_kind kind;
    enum notification_channel channel;
    enum common_audience audience;
    bool is_invited;    /* not somebody with an account yet */
    bool has_address;   /* a good one, of this channel */
    bool has_transport; /* of this channel */
};

/* `choices` NULL: the defaults. */
struct notification_fate notification_decide(const struct notification_prospect *prospect,
                                             const struct notification_choices *choices);

/* How long to wait after the attempts-th failed attempt: 1, 4, 20, 120, 720 units (of 30 s: 30 s,
 * 2 min, 10 min, 1 h, 6 h) and up to an eighth more, by the message's id. */
int64_t notification_backoff_us(int64_t unit_us, int64_t attempts, struct uuid id);

/* The value of that name, or COUNT if there is none. */
size_t notification_find_name(const char *const *names, size_t count, struct text name);

/* The "sid" in the answer of a Twilio-compatible API; empty if there is none. */
struct text notification_find_sid(struct text json);
