/* What the attacker's two files share: the kinds of attack say what is sent, the connections send
 * it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BYTES_MAX = 1 << 20, OPENINGS_MAX = 3, RESETS_MAX = 200000 /* on all connections */ };

struct bytes {
    uint8_t data[BYTES_MAX];
    size_t length;
};

struct client {
    int fd; /* -1: gone for good, or not yet there */
    const struct bytes *opening;
    size_t opening_sent, sent;
    unsigned next_stream; /* of resets */
    double dripped_s;
    bool is_done;     /* waits for what has been sent to be read */
    long answers_due; /* of a batch, the next of which waits for them */
    uint8_t frame[9]; /* the header of the frame that comes in */
    size_t frame_filled, frame_left;
};

struct attack {
    const char *path;
    int port;
    struct bytes openings[OPENINGS_MAX], repeated; /* connections take the openings in turns */
    size_t openings_count;
    size_t batch_bytes; /* of the repeated, sent before an answer; 0: all of it */
    long batch_heads;
    bool is_slow;    /* the repeated bytes one by one */
    bool is_silent;  /* nothing after the opening */
    bool is_deaf;    /* never reads */
    bool is_reset;   /* streams count on */
    bool is_patient; /* does not come back */
    bool is_once;    /* ends when all is sent and read, and comes back */
    bool is_paced;   /* one connection after the other */
    size_t resets;
    size_t sent, opened, ended;
};
extern struct attack attack;

/* Fills in what this kind sends; false: there is no such kind. */
bool attack_prepare(const char *kind);
/* Makes the next batch of resets, for the only connection. */
void attack_make_resets(struct client *client);
/* Takes what has come from the server: answers that are complete are not due any more. */
void attack_count_answers(struct client *client, const uint8_t *data, size_t length);
