/* One question for all shoppers of a batch and one for all teams. A notice with a ticket, or to one
 * member of a team, needs a question of its own. */
#include "actors/notification/notification_reach.h"

#include "actors/notification/notification_choice_store.h"
#include "user_messages.h"
#include "vendor_messages.h"

enum {
    SHOPPERS_MAX = 50, /* of one question, as the schema of user.get_many_contacts says */
    TEAMS_MAX = 256,   /* likewise, of vendor.get_many_contacts */
    IN_FLIGHT_MAX = 32 /* questions about a single notice, at once */
};

static bool is_plain(const struct common_notice *notice, enum common_audience audience)
{
    return notice->audience == audience && !notice->has_ticket_id && !notice->has_person_id;
}

/* A list of ids without repetitions. Looking for one from the end is quick enough: ids of one event
 * stand together, and a batch has some hundred at most. */
struct id_list {
    struct uuid *ids;
    size_t count;
};

static void add_id(struct id_list *list, struct uuid id)
{
    for (size_t i = list->count; i-- > 0;) {
        if (uuid_equals(list->ids[i], id)) return;
    }
    list->ids[list->count++] = id;
}

static struct id_list list_recipients(struct request *request, const struct notification_told *told,
                                      size_t count, enum common_audience audience)
{
    struct id_list list = { .ids = arena_allocate_array(request_arena(request), count,
                                                        sizeof *list.ids) };
    for (size_t i = 0; i < count; i++) {
        if (is_plain(told[i].notice, audience)) add_id(&list, told[i].notice->recipient_id);
    }
    return list;
}

/* Gives contacts to all notices that such a question was asked for. */
static void give(struct notification_told *told, size_t count, enum common_audience audience,
                 struct uuid recipient_id, const struct common_contact *contacts,
                 size_t contacts_count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_plain(told[i].notice, audience) ||
            !uuid_equals(told[i].notice->recipient_id, recipient_id))
            continue;
        told[i].contacts =
            (struct common_contacts){ .contacts = contacts, .contacts_count = contacts_count };
    }
}

static enum status reach_shoppers(struct request *request, struct notification_told *told,
                                  size_t count)
{
    const struct id_list all = list_recipients(request, told, count, COMMON_AUDIENCE_STORE);
    for (size_t first = 0; first < all.count; first += SHOPPERS_MAX) {
        const size_t left = all.count - first;
        const struct user_get_many_contacts query = {
            .user_ids = &all.ids[first],
            .user_ids_count = left < SHOPPERS_MAX ? left : SHOPPERS_MAX,
        };
        struct common_contacts found = { 0 };
        TRY(request_ask(request, &user_get_many_contacts_message, &query, &found));
        for (size_t i = 0; i < found.contacts_count; i++) {
            struct uuid user_id;
            if (id_parse(found.contacts[i].person_id, "usr", &user_id) == STATUS_OK)
                give(told, count, COMMON_AUDIENCE_STORE, user_id, &found.contacts[i], 1);
        }
    }
    return STATUS_OK;
}

/* In the answer the people of one vendor stand together. */
static void give_teams(struct request *request, const struct vendor_many_contacts *found,
                       struct notification_told *told, size_t count)
{
    struct common_contact *contacts =
        arena_allocate_array(request_arena(request), found->contacts_count, sizeof *contacts);
    size_t first = 0;
    for (size_t i = 0; i < found->contacts_count; i++) {
        const struct uuid vendor_id = found->contacts[i].vendor_id;
        contacts[i] = found->contacts[i].contact;
        if (i + 1 < found->contacts_count &&
            uuid_equals(found->contacts[i + 1].vendor_id, vendor_id))
            continue;
        give(told, count, COMMON_AUDIENCE_VENDOR, vendor_id, &contacts[first], i + 1 - first);
        first = i + 1;
    }
}

/* `*ret_are_many`: the teams have more people than fit into an answer, so each must be asked for
 * alone. */
static enum status reach_teams(struct request *request, struct notification_told *told,
                               size_t count, bool *ret_are_many)
{
    const struct id_list all = list_recipients(request, told, count, COMMON_AUDIENCE_VENDOR);
    *ret_are_many = false;
    for (size_t first = 0; first < all.count && !*ret_are_many; first += TEAMS_MAX) {
        const size_t left = all.count - first;
        const struct vendor_get_many_contacts query = {
            .vendor_ids = &all.ids[first],
            .vendor_ids_count = left < TEAMS_MAX ? left : TEAMS_MAX,
        };
        struct vendor_many_contacts found = { 0 };
        TRY(request_ask(request, &vendor_get_many_contacts_message, &query, &found));
        *ret_are_many = found.is_cut;
        give_teams(request, &found, told, count);
    }
    return STATUS_OK;
}

/* Asks for each notice side by side. Every question that began is ended, then the first failure is
 * passed up. */
static enum status reach_each(struct request *request, struct notification_told *const *alone,
                              size_t count)
{
    assert(count <= IN_FLIGHT_MAX);
    struct request_ask *asks[IN_FLIGHT_MAX] = { NULL };
    enum status first = STATUS_OK;
    for (size_t i = 0; i < count && first == STATUS_OK; i++) {
        const struct common_notice *notice = alone[i]->notice;
        const struct notification_audience whom = {
            .audience = notice->audience,
            .recipient_id = notice->recipient_id,
            .has_member = notice->has_person_id,
            .member_id = notice->person_id,
            .has_ticket = notice->has_ticket_id,
            .ticket_id = notice->ticket_id,
        };
        first = notification_ask_contacts_begin(request, &whom, &asks[i]);
        if (first != STATUS_OK) asks[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (asks[i] == NULL) continue;
        const enum status status =
            notification_ask_contacts_end(request, &asks[i], &alone[i]->contacts);
        if (first == STATUS_OK) first = status;
    }
    return first;
}

static enum status reach_alone(struct request *request, struct notification_told *told,
                               size_t count, bool with_teams)
{
    struct notification_told *alone[IN_FLIGHT_MAX];
    size_t alone_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_plain(told[i].notice, COMMON_AUDIENCE_STORE) ||
            (!with_teams && is_plain(told[i].notice, COMMON_AUDIENCE_VENDOR)))
            continue;
        assert(alone_count < IN_FLIGHT_MAX);
        alone[alone_count++] = &told[i];
        if (alone_count < IN_FLIGHT_MAX) continue;
        TRY(reach_each(request, alone, alone_count));
        alone_count = 0;
    }
    return reach_each(request, alone, alone_count);
}

/* Shoppers have choices, also where a ticket says to which address the message goes. */
static enum status find_choices(struct request *request, struct notification_told *told,
                                size_t count)
{
    struct arena *arena = request_arena(request);
    struct id_list all = { .ids = arena_allocate_array(arena, count, sizeof *all.ids) };
    for (size_t i = 0; i < count; i++) {
        const struct common_notice *notice = told[i].notice;
        told[i].choices =
            (struct notification_choices){ .user_id = notice->recipient_id, .version = 1 };
        if (notice->audience == COMMON_AUDIENCE_STORE) add_id(&all, notice->recipient_id);
    }
    if (all.count == 0) return STATUS_OK;
    const struct notification_choices *found;
    size_t found_count;
    TRY(notification_choice_store_find_many(request, all.ids, all.count, &found, &found_count));
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < found_count; k++) {
            if (uuid_equals(found[k].user_id, told[i].notice->recipient_id))
                told[i].choices = found[k];
        }
    }
    return STATUS_OK;
}

enum status notification_reach(struct request *request, struct notification_told *told,
                               size_t count)
{
    bool are_many;
    TRY(reach_shoppers(request, told, count));
    TRY(reach_teams(request, told, count, &are_many));
    TRY(reach_alone(request, told, count, are_many));
    return find_choices(request, told, count);
}
