/* What tests of messages share: the notification domain without a host, whose peers, mail server
 * and API for text messages are played by post_office.c, and one shopper, Ada, in a fresh world for
 * each test. */
#pragma once

#include "tests/support/cmocka.h"

#include "common_messages.h"
#include "notification_handlers.h"
#include "tests/support/direct_request.h"

enum { SECOND_US = 1000000, SENT_MAX = 16, MAIL_MAX = 8192, PEOPLE_MAX = 128 };

struct post_office {
    struct direct_market *market;
    struct arena *arena;
    struct uuid user_id; /* Ada's; also that of a vendor, where one is told */

    /* What the other domains answer. */
    struct common_contact contact; /* of everybody who is asked for */
    bool is_gone;                  /* there is nobody */
    bool are_many;                 /* the teams do not fit into an answer */
    enum status refusal;           /* of every question; OK: none */
    size_t questions, questions_alone;

    /* What the mail server says, and what it was sent. */
    struct {
        enum transfer_outcome outcome;
        enum status status; /* of the transfer itself */
        const char *reply;
        size_t count;
        char to[SENT_MAX][64];
        char mails[SENT_MAX][MAIL_MAX];
        enum transfer_tls tls;
        bool has_password;
    } server;

    /* What the API for text messages answers, and what it was sent. */
    struct {
        enum transfer_outcome outcome;
        enum status status;
        int code;
        const char *body;
        size_t count;
        char url[256], form[1024], key[64];
    } api;
};
extern struct post_office post;

/* As cmocka's set-up and tear-down of a group, and set-up of a test. Mails have a way (smtp_url),
 * text messages have none. */
int post_open(void **state);
int post_close(void **state);
int post_clear(void **state);
#define POST_TEST(test) cmocka_unit_test_setup(test, post_clear)

/* Ids of this program; the same number is the same id. */
struct uuid make_uuid(uint8_t number);
/* Raises a notice about Ada by an event of that number. */
void tell(uint8_t event, enum common_notice_kind kind, enum common_audience audience);
/* The same of an order that was placed. */
void tell_order(uint8_t event);
/* Raises a notice as it is; returns how its batch ended. */
enum status raise_notice(uint8_t event, const struct common_notice *notice);
/* The same of orders, by the events 1 to `count`. */
void tell_orders(uint8_t count);
/* Sends what is due. */
void sweep(void);
/* The id of the only mail. */
struct uuid mail_id(void);
/* Staff sends the only mail once more. */
enum status replay(struct text reason);
/* Sets a setting, such as "--notification.sms_url=...", until the next test. */
void say(const char *setting);
/* The first cell of a query must be that. */
void assert_cell(const char *sql, const char *expected);
/* The state of the only mail. */
void assert_state(const char *state);
#define MAILS_SQL "FROM notification.message WHERE channel = 'email'"

struct principal shopper(void);
/* The first page of the inbox of a shopper or a member of a team. */
struct notification_inbox_page inbox(const struct principal *principal);
/* Ada is a member of the team of the vendor whose id is hers; returns who is signed in. */
struct principal join_team(uint8_t member);
bool contains(struct text text, const char *part);
