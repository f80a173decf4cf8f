/* One outgoing lane: what of a turn goes into one frame, and what waits when the link takes
 * nothing. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "runtime/outbox.h"
#include "tests/support/cmocka.h"

enum { FRAMES_MAX = 512, LINK = 7 };

/* A net with one link, which does what the test says and keeps what it was given. */
struct fake_net {
    struct net net;
    enum status opens, takes;
    unsigned opened, closed;
    size_t count; /* frames taken */
    size_t left;  /* takes so many more, then `takes` is OVERLOADED */
    size_t lengths[FRAMES_MAX];
    uint64_t sequences[FRAMES_MAX];
    uint64_t first_asks[FRAMES_MAX]; /* of the frame's first envelope */
    size_t envelopes[FRAMES_MAX];
};

static struct fake_net fake;
static struct outbox outbox;

static enum status fake_open(void *context, const char *endpoint, unsigned *ret_link)
{
    struct fake_net *net = context;
    assert_string_equal(endpoint, "ipc:///there");
    net->opened++;
    *ret_link = LINK;
    return net->opens;
}

static void fake_close(void *context, unsigned link)
{
    struct fake_net *net = context;
    assert_int_equal(link, LINK);
    net->closed++;
}

static void note_frame(struct fake_net *net, struct text frame)
{
    struct frame_reader reader;
    struct frame_header header;
    struct envelope envelope;
    assert_true(net->count < FRAMES_MAX);
    assert_int_equal(frame_open(frame, &reader, &header), STATUS_OK);
    const size_t i = net->count++;
    net->lengths[i] = frame.length;
    net->sequences[i] = header.sequence;
    net->envelopes[i] = reader.left;
    if (frame_next(&reader, &envelope) == STATUS_OK) net->first_asks[i] = envelope.ask;
}

static enum status fake_send(void *context, unsigned link, struct text frame)
{
    struct fake_net *net = context;
    assert_int_equal(link, LINK);
    if (net->takes != STATUS_OK) return net->takes;
    if (net->left == 0) return STATUS_OVERLOADED;
    net->left--;
    note_frame(net, frame);
    return STATUS_OK;
}

static void open_outbox(enum status opens)
{
    const struct frame_header header = { .sender = TEXT("node-1"),
                                         .sender_kind = 2,
                                         .incarnation = 5 };
    fake = (struct fake_net){ .net = { &fake, fake_send, fake_open, fake_close },
                              .opens = opens,
                              .takes = STATUS_OK,
                              .left = SIZE_MAX };
    outbox_init(&outbox, &fake.net, "ipc:///there", &header);
}

static int open_stage(void **state)
{
    (void)state;
    open_outbox(STATUS_OK);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    outbox_clear(&outbox);
    return 0;
}

static enum status add(uint64_t ask)
{
    return outbox_add(&outbox, &(struct envelope){ .kind = ENVELOPE_PING, .ask = ask });
}

/* Adds an envelope of more than half a frame. */
static enum status add_large(uint64_t ask)
{
    static char body[ENVELOPE_BODY_MAX];
    return outbox_add(
        &outbox,
        &(struct envelope){ .kind = ENVELOPE_REPLY, .ask = ask, .body = { body, sizeof body } });
}

static void nothing_is_sent_before_the_turn_ends(void **state)
{
    (void)state;
    assert_int_equal(add(1), STATUS_OK);
    assert_int_equal(fake.count, 0);
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 1);
}

static void envelopes_of_one_turn_share_a_frame(void **state)
{
    (void)state;
    for (uint64_t ask = 1; ask <= 16; ask++)
        assert_int_equal(add(ask), STATUS_OK);
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 1);
    assert_int_equal(fake.envelopes[0], 16);
    assert_int_equal(fake.first_asks[0], 1);
}

static void envelope_beyond_the_batch_begins_the_next_frame(void **state)
{
    (void)state;
    for (uint64_t ask = 0; ask < ENVELOPE_BATCH_MAX + 1; ask++)
        assert_int_equal(add(ask), STATUS_OK);
    assert_int_equal(fake.count, 1); /* a full frame does not wait for the turn's end */
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 2);
    assert_int_equal(fake.envelopes[0], ENVELOPE_BATCH_MAX);
    assert_int_equal(fake.envelopes[1], 1);
    assert_int_equal(fake.first_asks[1], ENVELOPE_BATCH_MAX);
}

static void turn_without_envelopes_sends_nothing(void **state)
{
    (void)state;
    outbox_flush(&outbox);
    assert_int_equal(add(1), STATUS_OK);
    outbox_flush(&outbox);
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 1);
}

static void frames_are_numbered_from_1_without_holes(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(add(i), STATUS_OK);
        outbox_flush(&outbox);
    }
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(fake.sequences[i], i + 1);
}

static void what_the_link_does_not_take_waits_and_goes_later(void **state)
{
    (void)state;
    fake.left = 0;
    assert_int_equal(add(1), STATUS_OK);
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 0);
    assert_true(outbox_is_blocked(&outbox));
    fake.left = SIZE_MAX;
    outbox_flush(&outbox);
    assert_false(outbox_is_blocked(&outbox));
    assert_int_equal(fake.count, 1);
    assert_int_equal(fake.first_asks[0], 1);
}

static void later_frames_stay_behind_those_that_wait(void **state)
{
    (void)state;
    fake.left = 0;
    for (uint64_t ask = 1; ask <= 3; ask++) {
        assert_int_equal(add(ask), STATUS_OK);
        outbox_flush(&outbox);
    }
    fake.left = 2; /* takes two and is full again */
    assert_int_equal(add(4), STATUS_OK);
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 2);
    assert_true(outbox_is_blocked(&outbox));
    fake.left = SIZE_MAX;
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 4);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(fake.first_asks[i], i + 1);
}

static void backlog_is_bounded(void **state)
{
    (void)state;
    fake.left = 0;
    uint64_t added = 0;
    while (add_large(added) == STATUS_OK && added < FRAMES_MAX) {
        added++;
        outbox_flush(&outbox);
    }
    assert_in_range(added, OUTBOX_BACKLOG_BYTES_MAX / FRAME_BYTES_MAX,
                    OUTBOX_BACKLOG_BYTES_MAX / ENVELOPE_BODY_MAX + 1);
    assert_int_equal(add(99), STATUS_OVERLOADED); /* however small */
    assert_true(outbox.backlog_bytes < OUTBOX_BACKLOG_BYTES_MAX + FRAME_BYTES_MAX);
}

static void full_backlog_takes_again_when_the_link_does(void **state)
{
    (void)state;
    fake.left = 0;
    while (add_large(1) == STATUS_OK)
        outbox_flush(&outbox);
    fake.left = 1;
    outbox_flush(&outbox);
    assert_int_equal(add(2), STATUS_OK);
}

static void frame_for_a_link_that_is_gone_is_dropped(void **state)
{
    (void)state;
    fake.takes = STATUS_UNAVAILABLE;
    assert_int_equal(add(1), STATUS_OK);
    outbox_flush(&outbox);
    assert_false(outbox_is_blocked(&outbox));
    fake.takes = STATUS_OK;
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 0);
}

static void backlog_for_a_link_that_is_gone_is_dropped(void **state)
{
    (void)state;
    fake.left = 0;
    assert_int_equal(add(1), STATUS_OK);
    outbox_flush(&outbox);
    fake.takes = STATUS_UNAVAILABLE;
    outbox_flush(&outbox);
    assert_false(outbox_is_blocked(&outbox));
    assert_int_equal(outbox.backlog_bytes, 0);
}

static void memory_of_a_large_frame_is_given_back(void **state)
{
    (void)state;
    assert_int_equal(add_large(1), STATUS_OK);
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 1);
    assert_int_equal(outbox.writer.capacity, 0);
    assert_int_equal(add(2), STATUS_OK); /* and taken again */
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 2);
}

static void outbox_without_a_link_refuses_everything(void **state)
{
    (void)state;
    outbox_clear(&outbox);
    open_outbox(STATUS_UNAVAILABLE);
    assert_int_equal(add(1), STATUS_UNAVAILABLE);
    outbox_flush(&outbox);
    assert_int_equal(fake.count, 0);
    outbox_clear(&outbox);
    assert_int_equal(fake.closed, 0); /* there was nothing to close */
}

static void clearing_closes_the_link_once_and_drops_what_waits(void **state)
{
    (void)state;
    fake.left = 0;
    assert_int_equal(add(1), STATUS_OK);
    outbox_flush(&outbox);
    outbox_clear(&outbox);
    outbox_clear(&outbox);
    assert_int_equal(fake.opened, 1);
    assert_int_equal(fake.closed, 1);
    assert_false(outbox_is_blocked(&outbox));
    assert_int_equal(add(2), STATUS_UNAVAILABLE);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(nothing_is_sent_before_the_turn_ends),
        STAGED(envelopes_of_one_turn_share_a_frame),
        STAGED(envelope_beyond_the_batch_begins_the_next_frame),
        STAGED(turn_without_envelopes_sends_nothing),
        STAGED(frames_are_numbered_from_1_without_holes),
        STAGED(what_the_link_does_not_take_waits_and_goes_later),
        STAGED(later_frames_stay_behind_those_that_wait),
        STAGED(backlog_is_bounded),
        STAGED(full_backlog_takes_again_when_the_link_does),
        STAGED(frame_for_a_link_that_is_gone_is_dropped),
        STAGED(backlog_for_a_link_that_is_gone_is_dropped),
        STAGED(memory_of_a_large_frame_is_given_back),
        STAGED(outbox_without_a_link_refuses_everything),
        STAGED(clearing_closes_the_link_once_and_drops_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
