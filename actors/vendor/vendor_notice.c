/* Notices: plain facts, no addresses, no secrets. */
#include "actors/vendor/vendor_notice.h"

enum { FACTS_MAX = 5 };

static void add_fact(struct text_pair *facts, size_t *count, struct text name, struct text value)
{
    if (value.length > 0) facts[(*count)++] = (struct text_pair){ .name = name, .value = value };
}

/* Facts that are empty are left out: templates ask whether one is there. */
enum status vendor_raise_notice(struct request *request, const struct vendor_notice *notice)
{
    assert(notice != NULL);
    assert(notice->vendor != NULL);
    assert((unsigned)notice->kind < COMMON_NOTICE_KIND_COUNT);
    struct text_pair *facts =
        arena_allocate_array(request_arena(request), FACTS_MAX, sizeof *facts);
    size_t count = 0;
    if (!notice->is_nameless) add_fact(facts, &count, TEXT("vendor"), notice->vendor->name);
    add_fact(facts, &count, TEXT("reason"), notice->reason);
    add_fact(facts, &count, TEXT("role"), notice->role);
    add_fact(facts, &count, TEXT("inviter"), notice->inviter);
    add_fact(facts, &count, TEXT("key_name"), notice->key_name);
    const struct told_notice_was_raised event = { .notice = {
                                                      .kind = notice->kind,
                                                      .recipient_id = notice->vendor->id,
                                                      .audience = COMMON_AUDIENCE_VENDOR,
                                                      .has_person_id =
                                                          !uuid_is_zero(notice->member_id),
                                                      .person_id = notice->member_id,
                                                      .has_ticket_id =
                                                          !uuid_is_zero(notice->ticket_id),
                                                      .ticket_id = notice->ticket_id,
                                                      .facts = facts,
                                                      .facts_count = count,
                                                  } };
    return request_publish(request, &vendor_notice_was_raised_message, &event);
}
