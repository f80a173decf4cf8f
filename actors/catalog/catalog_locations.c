/* Handlers of where a vendor's goods lie. */
#include "actors/catalog/catalog_locations.h"

#include <string.h>

#include "actors/catalog/catalog_edit_store.h"
#include "actors/catalog/catalog_news.h"
#include "actors/host/ask_each.h"
#include "catalog_handlers.h"
#include "messages/normal_form.h"

/* ---- the list, which the vendor's own actor reads and writes ---- */

enum status catalog_handle_list_stock_locations(struct request *request,
                                                const struct catalog_list_stock_locations *query,
                                                struct catalog_stock_locations *ret_reply)
{
    struct catalog_stock_location *locations;
    (void)query;
    TRY(catalog_location_list(request, request_principal(request)->id, &locations,
                              &ret_reply->data_count));
    ret_reply->data = locations;
    return STATUS_OK;
}

/* ---- which may be changed how ---- */

static const char *const the_first =
    "Goods that nobody has placed lie at the location that was made first: it stays active.";

/* A name that people can tell apart from those of the other locations. */
static enum status check_name(struct request *request, struct text name, struct uuid location_id,
                              const struct catalog_stock_location *all, size_t count)
{
    if (text_trim(name).length == 0)
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, "A location has a name.");
    for (size_t i = 0; i < count; i++) {
        if (uuid_equals(all[i].id, location_id)) continue;
        if (normal_keys_are_same(request_arena(request), all[i].name, text_trim(name)))
            return request_refuse(request, "/name", STATUS_INVALID_VALUE,
                                  "Another location has this name.");
    }
    return STATUS_OK;
}

/* The one that was made first, `but` not counted; NULL: there is none. */
static const struct catalog_stock_location *first_but(const struct catalog_stock_location *all,
                                                      size_t count, struct uuid but)
{
    const struct catalog_stock_location *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (uuid_equals(all[i].id, but)) continue;
        if (first == NULL || all[i].created_at_us < first->created_at_us ||
            (all[i].created_at_us == first->created_at_us &&
             memcmp(&all[i].id, &first->id, sizeof first->id) < 0))
            first = &all[i];
    }
    return first;
}

/* What is not active has nothing, so that nothing can be sold from it. */
static enum status check_may_rest(struct request *request, struct uuid location_id,
                                  const struct catalog_stock_location *all, size_t count)
{
    bool is_empty;
    if (uuid_equals(first_but(all, count, (struct uuid){ { 0 } })->id, location_id))
        return request_refuse(request, "/is_active", STATUS_INVALID_VALUE, the_first);
    TRY(catalog_location_is_empty(request, location_id, false, &is_empty));
    return is_empty ? STATUS_OK
                    : request_refuse(request, "/is_active", STATUS_LOCATION_NOT_EMPTY,
                                     "Transfer what lies there to another location first.");
}

/* Later than all of them, whatever the clock says: which one was made first is never in doubt. */
static int64_t after_all(int64_t now_us, const struct catalog_stock_location *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].created_at_us >= now_us) now_us = all[i].created_at_us + 1;
    return now_us;
}

enum status catalog_handle_add_stock_location(struct request *request,
                                              const struct catalog_add_stock_location *command,
                                              struct catalog_stock_location *ret_reply)
{
    const struct uuid vendor_id = request_principal(request)->id;
    struct catalog_stock_location *others;
    size_t count;
    TRY(catalog_location_list(request, vendor_id, &others, &count));
    TRY(check_name(request, command->name, (struct uuid){ { 0 } }, others, count));
    if (count == 0 && command->has_is_active && !command->is_active)
        return request_refuse(request, "/is_active", STATUS_INVALID_VALUE, the_first);
    if (count >= CATALOG_LOCATIONS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_LOCATIONS, CATALOG_LOCATIONS_MAX,
                                   NULL);
    *ret_reply = (struct catalog_stock_location){
        .id = request_new_id(request),
        .name = text_trim(command->name),
        .has_address = command->has_address && command->address.length > 0,
        .address = command->address,
        .priority = command->has_priority ? command->priority : 0,
        .is_active = !command->has_is_active || command->is_active,
        .created_at_us = after_all(request_now_us(request), others, count),
        .version = 1,
    };
    catalog_location_add(request, vendor_id, ret_reply);
    request_audit(request, "loc", ret_reply->id, TEXT("{}"));
    request_set_http_status(request, 201);
    return STATUS_OK;
}

/* One of the vendor's own. */
static enum status open_location(struct request *request, struct uuid location_id,
                                 struct versions versions,
                                 struct catalog_stock_location *ret_location,
                                 struct catalog_stock_location **ret_all, size_t *ret_count)
{
    struct catalog_stock_location *locations;
    size_t count;
    TRY(catalog_location_list(request, request_principal(request)->id, &locations, &count));
    *ret_all = locations;
    *ret_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equals(locations[i].id, location_id)) continue;
        if (!versions_have(versions, locations[i].version)) return STATUS_PRECONDITION_FAILED;
        *ret_location = locations[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

enum status
catalog_handle_change_stock_location(struct request *request,
                                     const struct catalog_change_stock_location *command,
                                     struct catalog_stock_location *ret_reply)
{
    struct catalog_stock_location *all;
    size_t count;
    TRY(open_location(request, command->location_id, VERSIONS_OF(command), ret_reply, &all,
                      &count));
    if (command->has_name) TRY(check_name(request, command->name, ret_reply->id, all, count));
    if (command->has_is_active && !command->is_active && ret_reply->is_active)
        TRY(check_may_rest(request, ret_reply->id, all, count));
    request_audit(request, "loc", ret_reply->id,
                  text_format(request_arena(request), "{\"priority\":%lld,\"is_active\":%s}",
                              (long long)ret_reply->priority,
                              ret_reply->is_active ? "true" : "false"));
    if (command->has_name) ret_reply->name = text_trim(command->name);
    if (command->has_address) {
        ret_reply->has_address = command->address.length > 0;
        ret_reply->address = command->address;
    }
    if (command->has_priority) ret_reply->priority = command->priority;
    if (command->has_is_active) ret_reply->is_active = command->is_active;
    ret_reply->version++;
    catalog_location_save(request, ret_reply);
    return STATUS_OK;
}

enum status
catalog_handle_remove_stock_location(struct request *request,
                                     const struct catalog_remove_stock_location *command)
{
    struct catalog_stock_location location, *all;
    const struct uuid none = { { 0 } };
    size_t count;
    bool is_empty;
    TRY(open_location(request, command->location_id, VERSIONS_OF(command), &location, &all,
                      &count));
    const struct catalog_stock_location *heir = first_but(all, count, location.id);
    const bool is_first = uuid_equals(first_but(all, count, none)->id, location.id);
    if (is_first && heir != NULL && !heir->is_active)
        return request_refuse(request, "", STATUS_LOCATION_NOT_EMPTY,
                              "Goods come to it by themselves: make the location that was made "
                              "next active first.");
    TRY(catalog_location_is_empty(request, location.id, is_first && heir != NULL, &is_empty));
    if (!is_empty) return STATUS_LOCATION_NOT_EMPTY;
    request_audit(request, "loc", location.id, TEXT("{}"));
    catalog_location_remove(request, &location);
    return STATUS_OK;
}

/* ---- where a variant lies ---- */

static enum status check_is_own(struct request *request, struct uuid variant_id)
{
    struct uuid vendor_id;
    TRY(catalog_edit_store_find_seller(request, variant_id, &vendor_id));
    return uuid_equals(vendor_id, request_principal(request)->id) ? STATUS_OK : STATUS_NOT_FOUND;
}

/* Nothing lies where something is owed. */
static int64_t shown(const struct catalog_place *place)
{
    return place->on_hand > 0 ? place->on_hand : 0;
}

static void describe(struct request *request, const struct catalog_located *located,
                     int64_t version, struct catalog_stock_places *ret_places)
{
    const struct catalog_places *from = &located->places;
    struct catalog_stock_place *places =
        arena_allocate_array(request_arena(request), from->count, sizeof *places);
    for (size_t i = 0; i < from->count; i++)
        places[i] = (struct catalog_stock_place){ .location_id = from->places[i].location_id,
                                                  .name = from->places[i].name,
                                                  .on_hand = shown(&from->places[i]) };
    *ret_places = (struct catalog_stock_places){ .variant_id = located->variant_id,
                                                 .version = version,
                                                 .places = places,
                                                 .places_count = from->count };
}

enum status catalog_handle_list_stock_places(struct request *request,
                                             const struct catalog_list_stock_places *query,
                                             struct catalog_stock_places *ret_reply)
{
    struct catalog_located *located = arena_allocate(request_arena(request), sizeof *located);
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    TRY(check_is_own(request, query->variant_id));
    const enum status status = catalog_places_load(request, query->variant_id, located);
    if (status == STATUS_OK) {
        describe(request, located, located->settled_version, ret_reply);
        return STATUS_OK;
    }
    if (status != STATUS_NOT_FOUND) return status;
    TRY(catalog_store_load_level(request, query->variant_id, stock));
    *ret_reply =
        (struct catalog_stock_places){ .variant_id = query->variant_id, .version = stock->version };
    return STATUS_OK;
}

enum status catalog_locations_open(struct request *request, struct uuid variant_id,
                                   struct catalog_stock *stock,
                                   struct catalog_located **ret_located)
{
    struct catalog_located *located = arena_allocate(request_arena(request), sizeof *located);
    TRY(request_settle(request));
    TRY(catalog_places_load(request, variant_id, located));
    TRY(catalog_store_load_level(request, variant_id, stock));
    if (stock->is_bundle) return STATUS_VARIANT_IS_BUNDLE;
    if (!located->is_settled) return STATUS_UNAVAILABLE;
    if (stock->version != located->settled_version) return STATUS_CONFLICT;
    *ret_located = located;
    return STATUS_OK;
}

void catalog_locations_save(struct request *request, const struct catalog_stock *stock,
                            struct catalog_located *located, size_t place,
                            enum catalog_movement_kind kind, int64_t delta)
{
    catalog_store_save_level(request, stock, kind, delta);
    catalog_places_put(&located->places, stock->version, place, delta);
    catalog_places_save(request, located, stock->version);
}

enum status catalog_locations_refuse_resting(struct request *request, const char *pointer)
{
    return request_refuse(request, pointer, STATUS_INVALID_VALUE,
                          "The location is not active: nothing comes there.");
}

static void note(struct request *request, const struct catalog_located *located, size_t place)
{
    request_audit(request, "var", located->variant_id,
                  text_format(request_arena(request), "{\"on_hand\":%lld}",
                              (long long)located->places.places[place].on_hand));
}

enum status catalog_handle_set_stock_place(struct request *request,
                                           const struct catalog_set_stock_place *command,
                                           struct catalog_stock_places *ret_reply)
{
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    struct catalog_located *located;
    TRY(check_is_own(request, command->variant_id));
    TRY(catalog_locations_open(request, command->variant_id, stock, &located));
    if (!versions_have(VERSIONS_OF(command), stock->version)) return STATUS_PRECONDITION_FAILED;
    const size_t place = catalog_places_find(&located->places, command->location_id);
    if (place == located->places.count) return STATUS_NOT_FOUND;
    const struct catalog_news_before was = catalog_news_before(stock);
    const struct catalog_place *counted = &located->places.places[place];
    const int64_t delta = command->on_hand - shown(counted);
    if (delta > 0 && !counted->is_active)
        return catalog_locations_refuse_resting(request, "/on_hand");
    note(request, located, place);
    TRY(catalog_stock_change(stock, delta));
    if (delta != 0)
        catalog_locations_save(request, stock, located, place, CATALOG_MOVEMENT_KIND_SET, delta);
    describe(request, located, stock->version, ret_reply);
    return catalog_news_of_stock(request, was, stock);
}

enum status catalog_handle_transfer_stock(struct request *request,
                                          const struct catalog_transfer_stock *command,
                                          struct catalog_stock_places *ret_reply)
{
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    struct catalog_located *located;
    TRY(check_is_own(request, command->variant_id));
    TRY(catalog_locations_open(request, command->variant_id, stock, &located));
    if (!versions_have(VERSIONS_OF(command), stock->version)) return STATUS_PRECONDITION_FAILED;
    const size_t from = catalog_places_find(&located->places, command->from_id);
    const size_t to = catalog_places_find(&located->places, command->to_id);
    if (from == located->places.count || to == located->places.count) return STATUS_NOT_FOUND;
    if (from == to)
        return request_refuse(request, "/to_id", STATUS_INVALID_VALUE, "They lie there already.");
    if (!located->places.places[to].is_active)
        return catalog_locations_refuse_resting(request, "/to_id");
    const int64_t there = located->places.places[from].on_hand;
    if (command->quantity > there) {
        const struct request_fault fault = { .pointer = "/quantity",
                                             .code = STATUS_NOT_ENOUGH_THERE,
                                             .has_amounts = true,
                                             .requested = command->quantity,
                                             .available = there > 0 ? there : 0 };
        request_add_fault(request, &fault);
        return STATUS_NOT_ENOUGH_THERE;
    }
    note(request, located, from);
    stock->version++;
    catalog_places_save_transfer(request, stock);
    catalog_places_put(&located->places, stock->version, from, -command->quantity);
    catalog_places_put(&located->places, stock->version, to, command->quantity);
    catalog_places_save(request, located, stock->version);
    describe(request, located, stock->version, ret_reply);
    return STATUS_OK;
}

/* ---- what is settled afterwards ---- */

enum status catalog_handle_settle_stock(struct request *request,
                                        const struct catalog_settle_stock *command)
{
    struct catalog_located *located = arena_allocate(request_arena(request), sizeof *located);
    const enum status status = catalog_places_load(request, command->variant_id, located);
    /* The vendor's last location is gone: nothing is left to be split. */
    if (status == STATUS_NOT_FOUND) {
        catalog_places_forget(request, command->variant_id);
        return STATUS_OK;
    }
    TRY(status);
    if (located->before >= 0 && located->settled_version > located->before)
        catalog_places_save(request, located, located->settled_version);
    return STATUS_OK;
}

static enum status begin_settling(struct request *request, const void *context, size_t index,
                                  struct request_ask **ret_ask)
{
    const struct uuid *ids = context;
    const struct catalog_settle_stock command = { .variant_id = ids[index] };
    return request_ask_begin(request, &catalog_settle_stock_message, &command, ret_ask);
}

enum status catalog_settle_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct uuid *ids;
    size_t count;
    TRY(catalog_places_list_unsettled(request, shard_first, shard_last, &ids, &count));
    return request_ask_each(request, count, begin_settling, ids);
}

enum status catalog_handle_find_stock_sources(struct request *request,
                                              const struct catalog_find_stock_sources *query,
                                              struct catalog_stock_sources *ret_reply)
{
    struct catalog_stock_source *sources;
    TRY(catalog_places_sources(request, query->reservation_id, query->variant_ids,
                               query->variant_ids_count, &sources, &ret_reply->data_count));
    ret_reply->data = sources;
    return STATUS_OK;
}
