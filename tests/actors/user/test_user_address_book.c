/* Claims about the address book, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/support/direct_request.h"
#include "user_handlers.h"

extern const struct domain_definition user_domain;

static struct direct_market *market;
static struct arena *arena;
static unsigned drawn;
static const int64_t second_us = 1000000;

static struct principal new_shopper(void)
{
    drawn++;
    const struct user_register command = { .email = text_format(arena, "ada%u@example.com", drawn),
                                           .username = text_format(arena, "Ada%u", drawn),
                                           .password = TEXT("correct horse") };
    struct user_signed_in reply;
    assert_int_equal(direct_call(market, NULL, &user_register_message, &command, &reply),
                     STATUS_OK);
    return (struct principal){ .kind = PRINCIPAL_SHOPPER, .id = reply.user.id };
}

static struct user_add_address new_address(const char *name)
{
    return (struct user_add_address){ .name = text_of(name),
                                      .line1 = TEXT("1 Main Street"),
                                      .city = TEXT("London"),
                                      .country = TEXT("GB") };
}

/* A second later, so that the order is told by time. */
static enum status add(const struct principal *shopper, const struct user_add_address *command,
                       struct user_address *ret_address)
{
    direct_advance(market, second_us);
    return direct_call(market, shopper, &user_add_address_message, command, ret_address);
}

static struct user_address added(const struct principal *shopper, const char *name)
{
    const struct user_add_address command = new_address(name);
    struct user_address address;
    assert_int_equal(add(shopper, &command, &address), STATUS_OK);
    return address;
}

static enum status get(const struct principal *shopper, struct uuid id,
                       struct user_address *ret_address)
{
    const struct user_get_address query = { .address_id = id };
    return direct_call(market, shopper, &user_get_address_message, &query, ret_address);
}

static enum status change(const struct principal *shopper,
                          const struct user_change_address *command,
                          struct user_address *ret_address)
{
    return direct_call(market, shopper, &user_change_address_message, command, ret_address);
}

static enum status remove_(const struct principal *shopper, struct uuid id)
{
    const struct user_remove_address command = { .address_id = id };
    return direct_call(market, shopper, &user_remove_address_message, &command, NULL);
}

static struct user_addresses list(const struct principal *shopper)
{
    const struct user_list_addresses query = { 0 };
    struct user_addresses addresses;
    assert_int_equal(direct_call(market, shopper, &user_list_addresses_message, &query, &addresses),
                     STATUS_OK);
    return addresses;
}

static size_t count_defaults(const struct user_addresses *addresses)
{
    size_t count = 0;
    for (size_t i = 0; i < addresses->data_count; i++)
        count += addresses->data[i].is_default ? 1 : 0;
    return count;
}

static void first_address_becomes_the_default(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    const struct user_address first = added(&shopper, "First"), second = added(&shopper, "Second");

    assert_true(first.is_default);
    assert_false(second.is_default);
    assert_int_equal(first.version, 1);
    assert_int_equal(uuid_shard(first.id), uuid_shard(shopper.id));
    const struct user_addresses book = list(&shopper);
    assert_int_equal(book.data_count, 2);
    assert_true(text_equals_string(book.data[0].name, "Second"));
    assert_int_equal(count_defaults(&book), 1);
}

static void every_field_is_kept(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    struct user_add_address command = new_address("Ada");
    command.has_line2 = command.has_postal_code = command.has_region = command.has_phone = true;
    command.line2 = TEXT("Flat 2");
    command.postal_code = TEXT("N1 9GU");
    command.region = TEXT("Greater London");
    command.phone = TEXT("+44 20 7946 0000");
    struct user_address made, read;
    assert_int_equal(add(&shopper, &command, &made), STATUS_OK);

    assert_int_equal(get(&shopper, made.id, &read), STATUS_OK);

    assert_true(read.has_line2 && text_equals(read.line2, command.line2));
    assert_true(text_equals(read.line1, command.line1));
    assert_true(text_equals(read.city, command.city));
    assert_true(read.has_postal_code && text_equals(read.postal_code, command.postal_code));
    assert_true(read.has_region && text_equals(read.region, command.region));
    assert_true(text_equals(read.country, command.country));
    assert_true(read.has_phone && text_equals(read.phone, command.phone));
}

static void new_default_takes_the_place_of_the_old(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    const struct user_address first = added(&shopper, "First");
    struct user_add_address command = new_address("Second");
    command.has_is_default = command.is_default = true;
    struct user_address second, old;
    assert_int_equal(add(&shopper, &command, &second), STATUS_OK);

    assert_true(second.is_default);
    assert_int_equal(get(&shopper, first.id, &old), STATUS_OK);
    assert_false(old.is_default);
    assert_int_equal(old.version, 2);
    const struct user_change_address back = { .address_id = first.id,
                                              .has_is_default = true,
                                              .is_default = true };
    assert_int_equal(change(&shopper, &back, &old), STATUS_OK);
    assert_true(old.is_default);
    const struct user_addresses book = list(&shopper);
    assert_int_equal(count_defaults(&book), 1);
}

static void default_is_not_unmade(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    const struct user_address first = added(&shopper, "First"), second = added(&shopper, "Second");
    struct user_change_address command = { .address_id = first.id, .has_is_default = true };
    struct user_address changed;
    assert_int_equal(change(&shopper, &command, &changed), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/is_default");
    command.address_id = second.id;
    assert_int_equal(change(&shopper, &command, &changed), STATUS_OK);
}

static void removing_the_default_promotes_the_newest(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    const struct user_address first = added(&shopper, "First"), second = added(&shopper, "Second"),
                              third = added(&shopper, "Third");
    struct user_address left;
    assert_int_equal(remove_(&shopper, first.id), STATUS_OK);
    assert_int_equal(get(&shopper, third.id, &left), STATUS_OK);
    assert_true(left.is_default);
    assert_int_equal(remove_(&shopper, second.id), STATUS_OK);
    assert_int_equal(get(&shopper, third.id, &left), STATUS_OK);
    assert_true(left.is_default);
    assert_int_equal(remove_(&shopper, third.id), STATUS_OK);
    assert_int_equal(list(&shopper).data_count, 0);
    assert_int_equal(remove_(&shopper, third.id), STATUS_NOT_FOUND);
    assert_true(added(&shopper, "Again").is_default);
}

static void change_names_a_version_or_none(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    const struct user_address first = added(&shopper, "First");
    struct user_change_address command = { .address_id = first.id,
                                           .has_city = true,
                                           .city = TEXT("Bath"),
                                           .versions = &(const int64_t){ 1 },
                                           .versions_count = 1 };
    struct user_address changed, read;
    assert_int_equal(change(&shopper, &command, &changed), STATUS_OK);
    assert_int_equal(changed.version, 2);
    assert_int_equal(change(&shopper, &command, &changed), STATUS_PRECONDITION_FAILED);
    const struct user_remove_address stale = { .address_id = first.id,
                                               .versions = &(const int64_t){ 1 },
                                               .versions_count = 1 };
    assert_int_equal(direct_call(market, &shopper, &user_remove_address_message, &stale, NULL),
                     STATUS_PRECONDITION_FAILED);
    command.versions_count = 0;
    assert_int_equal(change(&shopper, &command, &changed), STATUS_OK);
    assert_int_equal(get(&shopper, first.id, &read), STATUS_OK);
    assert_int_equal(read.version, 3);
    assert_true(text_equals_string(read.city, "Bath"));
    assert_true(text_equals_string(read.name, "First"));
}

static void address_of_another_is_not_found(void **state)
{
    (void)state;
    const struct principal ada = new_shopper(), eve = new_shopper();
    const struct user_address address = added(&ada, "Ada");
    const struct user_change_address command = { .address_id = address.id,
                                                 .has_city = true,
                                                 .city = TEXT("Bath") };
    struct user_address found;
    assert_int_equal(get(&eve, address.id, &found), STATUS_NOT_FOUND);
    assert_int_equal(change(&eve, &command, &found), STATUS_NOT_FOUND);
    assert_int_equal(remove_(&eve, address.id), STATUS_NOT_FOUND);
    assert_int_equal(list(&eve).data_count, 0);
    assert_int_equal(list(&ada).data_count, 1);
}

static void wrong_field_is_refused_with_its_place(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    struct user_add_address command = new_address("Ada");
    struct user_address address;
    command.country = TEXT("XX");
    assert_int_equal(add(&shopper, &command, &address), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/country");
    command = new_address("Ada\r\nBcc: eve@example.com");
    assert_int_equal(add(&shopper, &command, &address), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/name");
    assert_int_equal(list(&shopper).data_count, 0);
}

static void fifty_addresses_are_enough(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    for (unsigned i = 0; i < 50; i++)
        (void)added(&shopper, "Ada");
    const struct user_add_address command = new_address("Ada");
    struct user_address address;
    assert_int_equal(add(&shopper, &command, &address), STATUS_ADDRESS_BOOK_FULL);
    assert_int_equal(remove_(&shopper, list(&shopper).data[0].id), STATUS_OK);
    assert_int_equal(add(&shopper, &command, &address), STATUS_OK);
}

static void of_two_first_addresses_at_once_one_is_the_default(void **state)
{
    (void)state;
    const struct principal shopper = new_shopper();
    direct_queue_units(market);
    (void)added(&shopper, "First");
    (void)added(&shopper, "Second");
    assert_int_equal(direct_commit_units(market), 1); /* the host runs the second again */
    const struct user_addresses book = list(&shopper);
    assert_int_equal(book.data_count, 1);
    assert_int_equal(count_defaults(&book), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_address_becomes_the_default),
        cmocka_unit_test(every_field_is_kept),
        cmocka_unit_test(new_default_takes_the_place_of_the_old),
        cmocka_unit_test(default_is_not_unmade),
        cmocka_unit_test(removing_the_default_promotes_the_newest),
        cmocka_unit_test(change_names_a_version_or_none),
        cmocka_unit_test(address_of_another_is_not_found),
        cmocka_unit_test(wrong_field_is_refused_with_its_place),
        cmocka_unit_test(fifty_addresses_are_enough),
        cmocka_unit_test(of_two_first_addresses_at_once_one_is_the_default),
    };
    market = direct_market_new(&user_domain);
    arena = arena_new(65536);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(&arena);
    direct_market_destroy(&market);
    return failed;
}
