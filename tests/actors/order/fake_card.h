/* A scripted payment by card, as the real domain keeps one: set aside, taken, let go. */
#pragma once

#include "messages/schema.h"
#include "payment_messages.h"

struct fake_card {
    /* What an authorisation is answered, and what a capture comes to. */
    enum payment_status begins, ends;
    const char *decline_code, *next_url;
    /* What is so; tests move the status as the bank would. */
    bool is_there, is_let_go;
    enum payment_status status;
    struct payment_authorise asked; /* without its texts */
    char method[65], return_url[129];
    int64_t captured;
    unsigned authorisations, looks;
};

enum status card_answer(struct fake_card *card, const struct message *message, const void *body,
                        void *answer);
