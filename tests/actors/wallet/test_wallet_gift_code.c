/* Claims about gift cards without a database: what a code is, which slips of the pen are noticed,
 * and that a card is used once. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/wallet/wallet_gift.h"
#include "tests/actors/wallet/purse.h"

static const uint32_t numbers[GIFT_CODE_DRAWN] = { 15, 5,  23, 17, 0, 20, 11, 12,
                                                   7,  29, 13, 10, 2, 25, 16, 9 };
static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

static struct gift_code a_code(void)
{
    return gift_code_make(numbers);
}

static bool is_read(const char *typed)
{
    struct gift_code code;
    const struct gift_code whole = a_code();
    return gift_code_read(text_of(typed), &code) &&
           memcmp(code.characters, whole.characters, sizeof code.characters) == 0;
}

static void code_is_written_in_groups_of_four_and_a_check(void **state)
{
    (void)state;
    const struct gift_code code = a_code();
    char text[GIFT_CODE_TEXT_MAX + 1];
    assert_int_equal(gift_code_format(&code, text), 21);
    assert_int_equal(strlen(text), 21);
    for (size_t i = 4; i < 20; i += 5)
        assert_int_equal(text[i], '-');
    assert_true(is_read(text));
    assert_memory_equal(gift_code_last4(&code).data, code.characters + 13, 4);
}

static void case_and_separators_do_not_matter(void **state)
{
    (void)state;
    const struct gift_code code = a_code();
    char text[64] = "  ";
    size_t length = 2;
    for (size_t i = 0; i < GIFT_CODE_LENGTH; i++) {
        const char one = code.characters[i];
        text[length++] = one >= 'A' ? (char)(one - 'A' + 'a') : one;
        if (i % 3 == 0) text[length++] = i % 2 == 0 ? ' ' : '-';
    }
    text[length] = '\0';
    assert_true(is_read(text));
    assert_true(is_read(code.characters));
}

static void every_wrong_character_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < GIFT_CODE_LENGTH; i++) {
        for (size_t j = 0; alphabet[j] != '\0'; j++) {
            struct gift_code code = a_code(), read;
            if (code.characters[i] == alphabet[j]) continue;
            code.characters[i] = alphabet[j];
            assert_false(gift_code_read(text_of(code.characters), &read));
        }
    }
}

static void every_two_that_changed_places_are_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < GIFT_CODE_LENGTH; i++) {
        for (size_t j = i + 1; j < GIFT_CODE_LENGTH; j++) {
            struct gift_code code = a_code(), read;
            const char first = code.characters[i];
            if (first == code.characters[j]) continue;
            code.characters[i] = code.characters[j];
            code.characters[j] = first;
            assert_false(gift_code_read(text_of(code.characters), &read));
        }
    }
}

static void what_cannot_be_a_code_is_none(void **state)
{
    (void)state;
    const struct gift_code code = a_code();
    char longer[32];
    (void)snprintf(longer, sizeof longer, "%s2", code.characters);
    assert_false(is_read(""));
    assert_false(is_read("----"));
    assert_false(is_read(longer));
    assert_false(is_read(code.characters + 1));
    assert_false(is_read("OIL01OIL01OIL01OI"));
    assert_false(is_read("\xc3\xa4\xc3\xa4\xc3\xa4"));
    struct gift_code read;
    assert_false(gift_code_read((struct text){ "2\0003", 3 }, &read));
}

static void entry_of_a_card_lies_with_its_wallet_and_is_no_others(void **state)
{
    (void)state;
    const struct uuid first = gift_card_entry_id(id_of(1), id_of(7));
    assert_int_equal(uuid_shard(first), uuid_shard(id_of(1)));
    assert_true(uuid_equals(first, gift_card_entry_id(id_of(1), id_of(7))));
    assert_false(uuid_equals(first, gift_card_entry_id(id_of(2), id_of(7))));
    assert_false(uuid_equals(first, gift_card_entry_id(id_of(1), id_of(8))));
}

static struct gift_card a_card(void)
{
    return (struct gift_card){ .id = id_of(1),
                               .amount = money_make(500, "EUR"),
                               .expires_at_us = 100,
                               .state = WALLET_GIFT_CARD_STATE_OPEN };
}

static void card_is_whose_comes_first_and_stays_his(void **state)
{
    (void)state;
    struct gift_card card = a_card();
    bool changes;
    assert_int_equal(gift_card_claim(&card, id_of(2), 99, &changes), STATUS_OK);
    assert_true(changes);
    assert_int_equal(gift_card_claim(&card, id_of(3), 99, &changes), STATUS_GIFT_CARD_USED);
    /* His, also when the time of the card is over. */
    assert_int_equal(gift_card_claim(&card, id_of(2), 101, &changes), STATUS_OK);
    assert_false(changes);
    assert_int_equal(gift_card_block(&card, 101, &changes), STATUS_ILLEGAL_TRANSITION);
    assert_true(uuid_equals(card.wallet_id, id_of(2)));
}

static void blocked_card_looks_like_none(void **state)
{
    (void)state;
    struct gift_card card = a_card();
    bool changes;
    assert_int_equal(gift_card_block(&card, 1, &changes), STATUS_OK);
    assert_true(changes);
    assert_int_equal(gift_card_block(&card, 2, &changes), STATUS_OK);
    assert_false(changes);
    assert_int_equal(card.blocked_at_us, 1);
    assert_int_equal(gift_card_claim(&card, id_of(2), 3, &changes), STATUS_GIFT_CARD_UNKNOWN);
}

static void card_whose_time_is_over_is_expired(void **state)
{
    (void)state;
    struct gift_card card = a_card();
    bool changes;
    assert_int_equal(gift_card_claim(&card, id_of(2), 100, &changes), STATUS_GIFT_CARD_EXPIRED);
    assert_int_equal(gift_card_describe(&card, 99).state, WALLET_GIFT_CARD_STATE_OPEN);
    assert_int_equal(gift_card_describe(&card, 100).state, WALLET_GIFT_CARD_STATE_EXPIRED);
    card.expires_at_us = 0;
    assert_int_equal(gift_card_describe(&card, INT64_MAX).state, WALLET_GIFT_CARD_STATE_OPEN);
    assert_int_equal(gift_card_claim(&card, id_of(2), INT64_MAX, &changes), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_written_in_groups_of_four_and_a_check),
        cmocka_unit_test(case_and_separators_do_not_matter),
        cmocka_unit_test(every_wrong_character_is_noticed),
        cmocka_unit_test(every_two_that_changed_places_are_noticed),
        cmocka_unit_test(what_cannot_be_a_code_is_none),
        cmocka_unit_test(entry_of_a_card_lies_with_its_wallet_and_is_no_others),
        cmocka_unit_test(card_is_whose_comes_first_and_stays_his),
        cmocka_unit_test(blocked_card_looks_like_none),
        cmocka_unit_test(card_whose_time_is_over_is_expired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
