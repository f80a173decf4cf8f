/* Which notices go to whom by which channel, what people may refuse, and when a failed message is
 * tried again. All pure. */
#pragma once

#include "common_messages.h"
#include "notification_messages.h"

enum {
    NOTIFICATION_ATTEMPTS_MAX = 6, /* then a message is dead */
    NOTIFICATION_CHOICES_MAX = NOTIFICATION_TOPIC_COUNT * NOTIFICATION_CHANNEL_COUNT
};

/* Where the link of a message leads. */
enum notification_link {
    NOTIFICATION_LINK_PLAIN,
    NOTIFICATION_LINK_TOKEN,  /* with the one-time token of the notice's ticket */
    NOTIFICATION_LINK_SUBJECT /* to what the notice is about */
};

/* A kind of notice; the table of kinds is notification_kind.def. */
struct notification_kind {
    enum notification_topic topic;
    bool is_critical;  /* always sent by e-mail */
    unsigned channels; /* bits: 1 << enum notification_channel */
    enum notification_link link;
    const char *path; /* of the link, behind the audience's */
};

/* The kind's entry of the table, which lives as long as the program. */
const struct notification_kind *notification_kind_of(enum common_notice_kind kind);

/* What one shopper chose: bit topic * channels + channel. What was never chosen has its default:
 * e-mail and in-app on, text messages and all marketing off. */
struct notification_choices {
    struct uuid user_id;
    int64_t chosen, enabled; /* bits */
    int64_t version;         /* 1: nothing was ever chosen */
};

/* Whether the shopper wants to be told of the topic by the channel; `choices` NULL: the default. */
bool notification_choice(const struct notification_choices *choices, enum notification_topic topic,
                         enum notification_channel channel);
/* Notes what the shopper chose; the version stays. */
void notification_choose(struct notification_choices *choices, enum notification_topic topic,
                         enum notification_channel channel, bool is_enabled);

/* What becomes of one message when it is written. */
struct notification_fate {
    bool is_written; /* false: the kind does not go by this channel, the person has no such inbox,
                        or nobody ever asked for it */
    enum notification_message_state state; /* queued, sent (in-app) or suppressed */
    enum notification_suppression why;     /* when suppressed */
};

/* What is known of a message before it is written. */
struct notification_prospect {
    enum common_notice_kind kind;
    enum notification_channel channel;
    enum common_audience audience;
    bool is_invited;    /* not somebody with an account yet */
    bool has_address;   /* a good one, of this channel */
    bool has_transport; /* of this channel */
};

/* Decides by kind, channel, person and choices. Mails about safety (critical kinds), and codes
 * that prove a telephone, go out whatever was chosen. A refusal and a missing address or transport
 * leave a suppressed message that says why; a default leaves none. `choices` NULL: the defaults. */
struct notification_fate notification_decide(const struct notification_prospect *prospect,
                                             const struct notification_choices *choices);

/* How long to wait after the attempts-th (>= 1) failed attempt: 1, 4, 20, 120, 720 units (units of
 * 30 s make 30 s, 2 min, 10 min, 1 h, 6 h) and up to an eighth more, by the message's id, so that
 * what failed together does not come back together. */
int64_t notification_backoff_us(int64_t unit_us, int64_t attempts, struct uuid id);

/* The index of a name in a list of names; `count` if it is not in it. */
size_t notification_find_name(const char *const *names, size_t count, struct text name);

/* The value of "sid", up to 64 letters and digits, in the JSON that a Twilio-compatible API
 * answers: a view of it, empty if there is none. */
struct text notification_find_sid(struct text json);
/* The number that a provider gives its refusals, "code" of its answer: digits; empty if there is
 * none. What it means stands in the provider's own pages. */
struct text notification_find_code(struct text json);
