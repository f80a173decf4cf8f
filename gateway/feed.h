/* What live streams ask their domains, again and again: a feed is one question with one place that
 * it goes on behind, and has all streams that wait there, so that however many look at one order it
 * is asked for once. It is asked when its domain's shard has told of something new, and every
 * FEED_POLL_US, because hints may be lost. */
#pragma once

#include "gateway/cursor.h"
#include "gateway/inquiry.h"
#include "messages/schema.h"
#include "runtime/hint.h"
#include "runtime/text.h"

enum {
    FEED_POLL_US = 5000000, /* between two questions without a hint */
    FEED_GATHER_US = 2000,  /* from a hint to the questions, so that one answers many commits */
    FEED_LINGER_US = 50000, /* between the questions of hints that follow one another */
    FEED_ASKS_MAX = 64      /* under way at once; more wait for their turn */
};

struct loop;
struct feeds;
struct feed;

/* Who waits at a feed; embedded. */
struct feed_member {
    struct feed *feed; /* NULL: at none */
    struct feed_member *previous, *next;
    bool is_busy; /* see feed_member_set_busy() */
};

/* A question; what it points to is copied. */
struct feed_question {
    const struct route *route;
    struct text body;    /* the message without its `after` */
    struct uuid subject; /* what hints of it are about; zero: anything */
    bool has_cursor_tag;
    uint8_t cursor_tag[CURSOR_TAG_BYTES];
    struct principal principal;
    struct text request_id, client;
};

/* What a feed was answered. */
struct feed_answer {
    enum status status; /* OK: `value` is the reply */
    void *value;        /* in `arena`, which is the answer's own */
    struct arena *arena;
};

struct feeds_options {
    const struct inquirer *inquirer;
    struct loop *loop;
    const uint8_t *principal_key;
    void *context;
    /* Called at the end of a turn, on the loop's stack. The feed has at least one member, and may
     * lose all of them in it. */
    void (*on_answer)(void *context, struct feed *feed, const struct feed_answer *answer);
};

struct feeds *feeds_new(const struct feeds_options *options);
/* No member may be left, and no question under way. Clears the pointer, which may be NULL. */
void feeds_destroy(struct feeds **feeds);

/* Lets a member wait for what comes behind `position` (empty: from the beginning). */
void feeds_join(struct feeds *feeds, struct feed_member *member,
                const struct feed_question *question, struct text position);
/* Lets it wait for the same behind another position. */
void feeds_move(struct feeds *feeds, struct feed_member *member, struct text position);
void feeds_leave(struct feeds *feeds, struct feed_member *member);
/* The member's principal, the same with the same rights, lives until later. */
void feeds_prolong(struct feed_member *member, const struct principal *principal);
/* A feed is asked only while some of its members are not busy. One that was left behind, or knows
 * that there is more, calls feed_ask_soon(): its feed is asked when it can take an answer. */
void feeds_set_busy(struct feeds *feeds, struct feed_member *member, bool is_busy);
void feeds_ask_soon(struct feeds *feeds, struct feed *feed);

/* The members and the question of a feed; the latter lives as long as the feed. */
struct feed_member *feed_members(const struct feed *feed);
const struct feed_question *feed_question_of(const struct feed *feed);

/* Something is new. Feeds whose route is hinted so (route->is_hinted_by_principal) hear nothing of
 * events, since those are rarely about a principal alone. */
void feeds_on_hint(struct feeds *feeds, const struct hint *hint);
/* Hands out answers, and asks those whose turn has come; at the end of each turn. */
void feeds_end_turn(struct feeds *feeds);
/* Asks those that have not been asked for long; to be called several times a second. */
void feeds_tick(struct feeds *feeds, int64_t now_us);
size_t feeds_count(const struct feeds *feeds);
bool feeds_are_asking(const struct feeds *feeds);
