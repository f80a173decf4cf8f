/* Frames carry what was put in, and survive whatever hostile bytes are given instead. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "runtime/envelope.h"
#include "tests/support/cmocka.h"

static const uint8_t KEY[32] = { 1, 2, 3 };

static struct frame_header header_of(const char *name)
{
    struct frame_header header = {
        .sender = text_of(name), .sender_kind = 2, .incarnation = 0x1122334455667788, .sequence = 9
    };
    frame_prove(KEY, 77, &header);
    return header;
}

static struct envelope full_request(void)
{
    struct envelope envelope = { .kind = ENVELOPE_REQUEST,
                                 .domain = 4,
                                 .shard = 63,
                                 .hops = 2,
                                 .number = 5003,
                                 .ask = UINT64_MAX,
                                 .budget_ms = 1500,
                                 .sequence = 1 << 20,
                                 .has_idempotency = true,
                                 .http_status = 201,
                                 .status = STATUS_NOT_FOUND,
                                 .request_id = TEXT("req-1"),
                                 .trace = TEXT("00-abc"),
                                 .body = TEXT("\x81\xa1x\x01") };
    envelope.principal = (struct principal){ .kind = PRINCIPAL_SHOPPER, .expires_at_us = -5 };
    memset(envelope.msg_id.bytes, 7, 16);
    memset(envelope.key.bytes, 8, 16);
    memset(envelope.principal.id.bytes, 9, 16);
    memset(envelope.principal.session.bytes, 10, 16);
    memset(envelope.principal.actor.bytes, 11, 16);
    envelope.principal.rights = UINT64_C(1) << 63;
    envelope.principal.confirmed_us = 12;
    envelope.principal.is_api_key = true;
    envelope.client = TEXT("2001:db8::1");
    memset(envelope.idempotency_key, 11, 32);
    memset(envelope.idempotency_fingerprint, 12, 16);
    principal_prove(KEY, envelope.msg_id, &envelope.principal, envelope.principal_proof);
    return envelope;
}

static void a_frame_gives_back_every_field(void **state)
{
    (void)state;
    const struct frame_header header = header_of("node-1");
    const struct envelope sent = full_request();
    struct frame_writer writer;
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    assert_int_equal(frame_add(&writer, &sent), STATUS_OK);

    struct frame_reader reader;
    struct frame_header found;
    struct envelope got;
    const struct text frame = { writer.data, writer.length };
    assert_int_equal(frame_open(frame, &reader, &found), STATUS_OK);
    assert_true(text_equals_string(found.sender, "node-1"));
    assert_int_equal(found.incarnation, header.incarnation);
    assert_int_equal(found.sequence, 9);
    assert_true(frame_is_proved(KEY, 77, &found));
    assert_int_equal(frame_next(&reader, &got), STATUS_OK);
    assert_int_equal(got.kind, ENVELOPE_REQUEST);
    assert_int_equal(got.domain, 4);
    assert_int_equal(got.shard, 63);
    assert_int_equal(got.hops, 2);
    assert_int_equal(got.number, 5003);
    assert_true(got.ask == UINT64_MAX);
    assert_int_equal(got.budget_ms, 1500);
    assert_int_equal(got.sequence, 1 << 20);
    assert_int_equal(got.principal.kind, PRINCIPAL_SHOPPER);
    assert_int_equal(got.principal.expires_at_us, -5);
    assert_memory_equal(&got.principal.id, &sent.principal.id, 16);
    assert_memory_equal(&got.principal.session, &sent.principal.session, 16);
    assert_memory_equal(&got.principal.actor, &sent.principal.actor, 16);
    assert_true(got.principal.rights == sent.principal.rights);
    assert_int_equal(got.principal.confirmed_us, 12);
    assert_true(got.principal.is_api_key);
    assert_true(text_equals(got.client, sent.client));
    assert_memory_equal(&got.msg_id, &sent.msg_id, 16);
    assert_memory_equal(&got.key, &sent.key, 16);
    assert_memory_equal(got.idempotency_key, sent.idempotency_key, 32);
    assert_memory_equal(got.idempotency_fingerprint, sent.idempotency_fingerprint, 16);
    assert_true(got.has_idempotency);
    assert_false(got.is_replayed);
    assert_int_equal(got.http_status, 201);
    assert_int_equal(got.status, STATUS_NOT_FOUND);
    assert_true(text_equals(got.request_id, sent.request_id));
    assert_true(text_equals(got.trace, sent.trace));
    assert_true(text_equals(got.body, sent.body));
    assert_true(principal_is_proved(KEY, &got));
    assert_int_equal(frame_next(&reader, &got), STATUS_NOT_FOUND);
    frame_writer_clear(&writer);
}

static void a_frame_takes_a_bounded_batch(void **state)
{
    (void)state;
    const struct frame_header header = header_of("node-1");
    const struct envelope ping = { .kind = ENVELOPE_PING };
    struct frame_writer writer;
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    for (int i = 0; i < ENVELOPE_BATCH_MAX; i++)
        assert_int_equal(frame_add(&writer, &ping), STATUS_OK);
    assert_int_equal(frame_add(&writer, &ping), STATUS_OVERLOADED);

    struct frame_reader reader;
    struct frame_header found;
    struct envelope got;
    size_t count = 0;
    assert_int_equal(frame_open((struct text){ writer.data, writer.length }, &reader, &found),
                     STATUS_OK);
    while (frame_next(&reader, &got) == STATUS_OK)
        count++;
    assert_int_equal(count, ENVELOPE_BATCH_MAX);
    frame_writer_clear(&writer);
}

static void the_largest_body_fits_alone_and_only_once(void **state)
{
    (void)state;
    const struct frame_header header = header_of("node-1");
    char *body = calloc(1, ENVELOPE_BODY_MAX);
    const struct envelope large = { .kind = ENVELOPE_REPLY, .body = { body, ENVELOPE_BODY_MAX } };
    struct frame_writer writer;
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    assert_int_equal(frame_add(&writer, &large), STATUS_OK);
    const size_t length = writer.length;
    assert_int_equal(frame_add(&writer, &large), STATUS_OVERLOADED);
    assert_int_equal(writer.length, length);
    assert_true(length <= FRAME_BYTES_MAX);
    frame_writer_clear(&writer);
    free(body);
}

/* Opens a copy of exactly `length` bytes, so that a sanitizer sees a read beyond them. */
static bool reads_to_the_end(const char *data, size_t length)
{
    char *copy = malloc(length + 1);
    memcpy(copy, data, length);
    copy = realloc(copy, length > 0 ? length : 1);
    struct frame_reader reader;
    struct frame_header header;
    struct envelope envelope;
    enum status status = frame_open((struct text){ copy, length }, &reader, &header);
    while (status == STATUS_OK)
        status = frame_next(&reader, &envelope);
    free(copy);
    return status == STATUS_NOT_FOUND;
}

static void a_frame_cut_anywhere_is_corrupt(void **state)
{
    (void)state;
    const struct frame_header header = header_of("node-1");
    const struct envelope sent = full_request();
    struct frame_writer writer;
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    assert_int_equal(frame_add(&writer, &sent), STATUS_OK);
    assert_int_equal(frame_add(&writer, &sent), STATUS_OK);
    for (size_t length = 0; length < writer.length; length++)
        assert_false(reads_to_the_end(writer.data, length));
    assert_true(reads_to_the_end(writer.data, writer.length));
    frame_writer_clear(&writer);
}

static void a_frame_with_any_byte_changed_never_crashes(void **state)
{
    (void)state;
    const struct frame_header header = header_of("node-1");
    const struct envelope sent = full_request();
    struct frame_writer writer;
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    assert_int_equal(frame_add(&writer, &sent), STATUS_OK);
    for (size_t i = 0; i < writer.length; i++) {
        const char kept = writer.data[i];
        for (int value = 0; value < 256; value++) {
            writer.data[i] = (char)value;
            (void)reads_to_the_end(writer.data, writer.length);
        }
        writer.data[i] = kept;
    }
    frame_writer_clear(&writer);
}

static void bytes_after_the_last_envelope_are_corrupt(void **state)
{
    (void)state;
    const struct frame_header header = header_of("node-1");
    struct frame_writer writer;
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    writer.data[writer.length] = 0;
    assert_false(reads_to_the_end(writer.data, writer.length + 1));
    frame_writer_clear(&writer);
}

static void a_proof_holds_for_one_sender_and_one_receiver(void **state)
{
    (void)state;
    const uint8_t other_key[32] = { 9 };
    struct frame_header header = header_of("node-1");
    assert_true(frame_is_proved(KEY, 77, &header));
    assert_false(frame_is_proved(KEY, 78, &header));
    assert_false(frame_is_proved(other_key, 77, &header));
    header.sender = TEXT("node-2");
    assert_false(frame_is_proved(KEY, 77, &header));
    header = header_of("node-1");
    header.sender_kind = 4;
    assert_false(frame_is_proved(KEY, 77, &header));
    header = header_of("node-1");
    header.incarnation++;
    assert_false(frame_is_proved(KEY, 77, &header));
}

static void a_changed_principal_is_not_proved(void **state)
{
    (void)state;
    struct envelope envelope = full_request();
    assert_true(principal_is_proved(KEY, &envelope));
    envelope.principal.kind = PRINCIPAL_ADMIN;
    assert_false(principal_is_proved(KEY, &envelope));
    envelope = full_request();
    envelope.principal.expires_at_us++;
    assert_false(principal_is_proved(KEY, &envelope));
    envelope.principal.expires_at_us--;
    envelope.principal.rights = 1;
    assert_false(principal_is_proved(KEY, &envelope));
    envelope = full_request();
    envelope.msg_id.bytes[0]++;
    assert_false(principal_is_proved(KEY, &envelope));
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_gives_back_every_field),
        cmocka_unit_test(a_frame_takes_a_bounded_batch),
        cmocka_unit_test(the_largest_body_fits_alone_and_only_once),
        cmocka_unit_test(a_frame_cut_anywhere_is_corrupt),
        cmocka_unit_test(a_frame_with_any_byte_changed_never_crashes),
        cmocka_unit_test(bytes_after_the_last_envelope_are_corrupt),
        cmocka_unit_test(a_proof_holds_for_one_sender_and_one_receiver),
        cmocka_unit_test(a_changed_principal_is_not_proved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
