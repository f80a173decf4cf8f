/* Products on their way to a market: what is asked for, what is counted, and where an import that
 * was cut short goes on. */
#include "gateway/import/importer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common_messages.h"
#include "messages/codec_msgpack.h"
#include "tests/gateway/command/market_stage.h"
#include "tests/messages/product_file/memory_source.h"
#include "tests/support/cmocka.h"
#include "vendor_messages.h"

#define HEADER "Handle,Title,Vendor,Type,Variant Price\n"

enum { STARTED_US = 77 };

/* What the market does and saw. */
static struct script {
    enum catalog_import_outcome outcome;
    const char *refused; /* the handle of a product that is refused */
    const char *outage;  /* the handle from which on nobody answers */
    bool gives_up;       /* with the outage */
    bool is_shut;        /* nobody answers at all */
    bool has_new_vendor; /* it says that the vendor was made */
    size_t dry_runs;     /* messages that asked what would be */
    struct uuid run_id;  /* of the last product */
    int64_t delay_us;    /* of every answer about a product */
    size_t vendors, categories, products;
    size_t at_once, most_at_once; /* products */
    char last_vendor[32], last_category[32], last_identity[80];
    bool is_out;
} script;

static struct market_stage stage;
static struct memory_source memory;
static struct import_options options;
static struct import_state start;
static struct import_result result;
static struct arena *arena;
static const char *told; /* on standard error */

static void keep(char *place, size_t capacity, struct text text)
{
    assert_true(text.length < capacity);
    memcpy(place, text.data, text.length);
    place[text.length] = '\0';
}

static enum status answer_open(struct arena *for_reply, struct envelope *ret_reply)
{
    const struct catalog_import_opened reply = { .started_at_us = STARTED_US };
    if (script.is_shut) return STATUS_UNAVAILABLE;
    return msgpack_encode(&catalog_import_opened_schema, &reply, for_reply, 4096, &ret_reply->body);
}

static enum status answer_vendor(const struct envelope *request, struct arena *for_reply,
                                 struct envelope *ret_reply)
{
    struct vendor_import_vendor command;
    assert_int_equal(
        msgpack_decode(&vendor_import_vendor_schema, request->body, for_reply, &command),
        STATUS_OK);
    keep(script.last_vendor, sizeof script.last_vendor, command.name);
    script.vendors++;
    script.dry_runs += command.has_is_dry_run && command.is_dry_run;
    const struct vendor_vendor_imported reply = {
        .vendor_id = { { 1, 2, 3, 4, 5, 6, 0x70, 8, 0x80 } }, .is_created = script.has_new_vendor
    };
    return msgpack_encode(&vendor_vendor_imported_schema, &reply, for_reply, 4096,
                          &ret_reply->body);
}

static enum status answer_category(const struct envelope *request, struct arena *for_reply,
                                   struct envelope *ret_reply)
{
    struct catalog_import_category command;
    assert_int_equal(
        msgpack_decode(&catalog_import_category_schema, request->body, for_reply, &command),
        STATUS_OK);
    keep(script.last_category, sizeof script.last_category, command.path);
    script.categories++;
    script.dry_runs += command.has_is_dry_run && command.is_dry_run;
    const struct catalog_category_imported reply = { .category_id = { { 9 } } };
    return msgpack_encode(&catalog_category_imported_schema, &reply, for_reply, 4096,
                          &ret_reply->body);
}

static enum status refuse_product(struct arena *for_reply, struct envelope *ret_reply)
{
    const struct common_problem_item item = { .pointer = TEXT("/title"),
                                              .code = TEXT("invalid_value"),
                                              .has_detail = true,
                                              .detail = TEXT("Not this one.") };
    const struct common_problem_detail detail = { .errors = &item, .errors_count = 1 };
    ret_reply->status = STATUS_INVALID_VALUE;
    return msgpack_encode(&common_problem_detail_schema, &detail, for_reply, 4096,
                          &ret_reply->body);
}

static enum status answer_product(const struct envelope *request, struct arena *for_reply,
                                  struct envelope *ret_reply)
{
    struct catalog_import_product *command = arena_allocate(for_reply, sizeof *command);
    assert_int_equal(
        msgpack_decode(&catalog_import_product_schema, request->body, for_reply, command),
        STATUS_OK);
    if (script.outage != NULL && text_equals_string(command->handle, script.outage))
        script.is_out = true;
    if (script.is_out && script.gives_up) client_give_up(stage.client);
    if (script.is_out) return STATUS_UNAVAILABLE;
    keep(script.last_identity, sizeof script.last_identity, command->identity);
    script.products++;
    script.dry_runs += command->has_is_dry_run && command->is_dry_run;
    script.run_id = command->run_id;
    assert_true(command->has_run_id && command->has_run_started_at);
    assert_int_equal(command->run_started_at_us, STARTED_US);
    if (++script.at_once > script.most_at_once) script.most_at_once = script.at_once;
    if (script.delay_us > 0)
        assert_int_equal(fiber_sleep(client_fibers(stage.client), script.delay_us), STATUS_OK);
    script.at_once--;
    if (script.refused != NULL && text_equals_string(command->handle, script.refused))
        return refuse_product(for_reply, ret_reply);
    const struct catalog_product_imported reply = { .outcome = script.outcome };
    return msgpack_encode(&catalog_product_imported_schema, &reply, for_reply, 4096,
                          &ret_reply->body);
}

static enum status answer(void *context, const struct envelope *request, struct arena *for_reply,
                          struct envelope *ret_reply)
{
    (void)context;
    *ret_reply = (struct envelope){ .kind = ENVELOPE_REPLY, .status = STATUS_OK };
    if (request->number == catalog_open_import_message.number)
        return answer_open(for_reply, ret_reply);
    if (request->number == vendor_import_vendor_message.number)
        return answer_vendor(request, for_reply, ret_reply);
    if (request->number == catalog_import_category_message.number)
        return answer_category(request, for_reply, ret_reply);
    assert_int_equal(request->number, catalog_import_product_message.number);
    return answer_product(request, for_reply, ret_reply);
}

/* ---- an import ---- */

static int open_market(void **state)
{
    (void)state;
    arena = arena_new(4096);
    script = (struct script){ .outcome = CATALOG_IMPORT_OUTCOME_CREATED };
    start = (struct import_state){ .line = 1 };
    options = (struct import_options){ .path = "goods.csv", .patience_us = 1 };
    market_stage_make(&stage, answer, NULL);
    market_stage_open(&stage);
    return 0;
}

static int close_market(void **state)
{
    (void)state;
    product_reader_destroy(&options.reader);
    market_stage_remove(&stage);
    arena_destroy(&arena);
    return 0;
}

/* Gives the importer a file whose header has been read. */
static void open_file(const char *file)
{
    static const struct product_file_options as_header = { .currency = "EUR",
                                                           .preset = PRESET_BY_HEADER };
    const struct byte_source source = { .context = &memory, .read = memory_source_read };
    struct file_problem problem;
    product_reader_destroy(&options.reader);
    memory = (struct memory_source){ .file = text_of(file), .step = strcspn(file, "\n") + 1 };
    options.reader = product_reader_new(&source, &as_header);
    options.size = strlen(file);
    assert_int_equal(product_reader_open(options.reader, &problem), STATUS_OK);
}

static void import_in_fiber(void *argument)
{
    (void)argument;
    result = import_run(stage.client, &options, &start);
}

static void import_file(const char *file)
{
    open_file(file);
    struct capture errors = capture_begin(STDERR_FILENO);
    client_run(stage.client, import_in_fiber, NULL);
    told = capture_end(&errors, arena);
}

static const char three[] =
    HEADER "a,A,Acme,Lamps,1.00\nb,B,Acme,Lamps,2.00\nc,C,Acme,Lamps,3.00\n";

static void every_product_is_sent_and_counted(void **state)
{
    (void)state;
    import_file(three);
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(script.products, 3);
    assert_int_equal(result.state.counts.products, 3);
    assert_int_equal(result.state.counts.rows, 3);
    assert_int_equal(result.state.counts.created, 3);
    assert_int_equal(result.state.counts.bad, 0);
    assert_int_equal(result.state.offset, sizeof three - 1);
    assert_null(strstr(told, "goods.csv"));
}

static void what_the_market_did_is_counted(void **state)
{
    (void)state;
    script.outcome = CATALOG_IMPORT_OUTCOME_UPDATED;
    import_file(three);
    assert_int_equal(result.state.counts.updated, 3);
    script.outcome = CATALOG_IMPORT_OUTCOME_UNCHANGED;
    import_file(three);
    assert_int_equal(result.state.counts.unchanged, 3);
    assert_int_equal(result.state.counts.created, 0);
}

static void a_vendor_and_a_category_are_asked_for_once(void **state)
{
    (void)state;
    import_file(three);
    assert_int_equal(script.vendors, 1);
    assert_int_equal(script.categories, 1);
    assert_string_equal(script.last_vendor, "Acme");
    assert_string_equal(script.last_category, "Lamps");
}

static void each_vendor_is_asked_for(void **state)
{
    (void)state;
    import_file(HEADER "a,A,Acme,Lamps,1.00\nb,B,Bolt,Lamps,2.00\nc,C,Acme,Chairs,3.00\n");
    assert_int_equal(script.vendors, 2);
    assert_int_equal(script.categories, 2);
}

static void a_product_is_known_by_its_vendor_and_its_handle(void **state)
{
    (void)state;
    import_file(HEADER "lamp,Lamp,Acme,Lamps,1.00\n");
    assert_int_equal(strncmp(script.last_identity, "ven_", 4), 0);
    assert_non_null(strstr(script.last_identity, "/lamp"));
}

static void a_vendor_and_a_category_are_asked_for_once_however_they_are_written(void **state)
{
    (void)state;
    import_file(HEADER "a,A,Acme,Lamps,1.00\nb,B,ACME,lamps,2.00\nc,C,acme ,LAMPS,3.00\n");
    assert_int_equal(script.products, 3);
    assert_int_equal(script.vendors, 1);
    assert_int_equal(script.categories, 1);
}

static void each_run_has_a_name_of_its_own(void **state)
{
    (void)state;
    import_file(three);
    const struct uuid first = script.run_id;
    import_file(three);
    assert_false(uuid_equals(first, script.run_id));
}

static void a_dry_run_asks_and_says_so_in_each_message(void **state)
{
    (void)state;
    options.is_dry_run = true;
    import_file(three);
    assert_int_equal(result.state.counts.created, 3);
    assert_int_equal(script.dry_runs, script.vendors + script.categories + script.products);
    assert_int_equal(script.products, 3);
}

static void products_of_a_vendor_that_a_dry_run_would_make_are_new(void **state)
{
    (void)state;
    options.is_dry_run = script.has_new_vendor = true;
    import_file(three);
    assert_int_equal(result.state.counts.created, 3);
    assert_int_equal(script.products, 0);
}

static void an_import_that_nobody_opens_does_not_begin(void **state)
{
    (void)state;
    script.is_shut = true;
    import_file(three);
    assert_int_equal(result.status, STATUS_UNAVAILABLE);
    assert_int_equal(result.outage, STATUS_UNAVAILABLE);
    assert_int_equal(result.state.counts.products, 0);
    assert_int_equal(script.products, 0);
}

/* ---- bad ones ---- */

static void a_refused_product_is_told_and_the_others_go_on(void **state)
{
    (void)state;
    script.refused = "b";
    import_file(three);
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(result.state.counts.created, 2);
    assert_int_equal(result.state.counts.bad, 1);
    assert_string_equal(told,
                        "goods.csv:3: product refused: invalid_value /title: Not this one.\n");
}

static void a_warning_is_told_and_the_product_is_sent(void **state)
{
    (void)state;
    import_file("handle,name,vendor,price,quantity\na,A,Acme,1.00,-2\n");
    assert_int_equal(script.products, 1);
    assert_int_equal(result.state.counts.bad, 0);
    assert_string_equal(told,
                        "goods.csv:2: warning: quantity: '-2' is less than nothing; 0 is taken\n");
}

static void a_bad_row_is_told_and_not_sent(void **state)
{
    (void)state;
    import_file(HEADER "a,A,Acme,Lamps,1.00\nb,B,Acme,Lamps,cheap\n");
    assert_int_equal(script.products, 1);
    assert_int_equal(result.state.counts.products, 2);
    assert_int_equal(result.state.counts.bad, 1);
    assert_string_equal(told,
                        "goods.csv:3: Variant Price: 'cheap' is not a price, such as 19.99\n");
}

static void a_check_sends_nothing(void **state)
{
    (void)state;
    open_file(HEADER "a,A,Acme,Lamps,1.00\nb,B,Acme,Lamps,cheap\n");
    struct capture errors = capture_begin(STDERR_FILENO);
    result = import_check(&options);
    told = capture_end(&errors, arena);
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(result.state.counts.products, 2);
    assert_int_equal(result.state.counts.bad, 1);
    assert_string_equal(told,
                        "goods.csv:3: Variant Price: 'cheap' is not a price, such as 19.99\n");
    assert_int_equal(script.vendors + script.products, 0);
}

static void a_file_that_fails_ends_the_check(void **state)
{
    (void)state;
    open_file(three);
    memory.is_broken = true;
    result = import_check(&options);
    assert_int_equal(result.status, STATUS_CORRUPT);
    assert_int_equal(result.state.counts.products, 0);
}

static void a_file_that_fails_ends_the_import(void **state)
{
    (void)state;
    open_file(three);
    memory.is_broken = true;
    client_run(stage.client, import_in_fiber, NULL);
    assert_int_equal(result.status, STATUS_CORRUPT);
}

/* ---- cut short ---- */

static void an_outage_ends_the_import_behind_what_is_done(void **state)
{
    (void)state;
    script.outage = "c";
    import_file(three);
    assert_int_equal(result.status, STATUS_UNAVAILABLE);
    assert_int_equal(result.outage, STATUS_UNAVAILABLE);
    assert_int_equal(result.state.counts.created, 2);
    assert_int_equal(result.state.counts.bad, 0);
    assert_int_equal(result.state.offset, strstr(three, "c,C") - three);
    assert_int_equal(result.state.line, 4);
}

static void an_import_that_is_told_to_stop_stops(void **state)
{
    (void)state;
    script.outage = "b";
    script.gives_up = true;
    import_file(three);
    assert_int_equal(result.status, STATUS_STOPPING);
    assert_int_equal(result.state.counts.created, 1);
    assert_int_equal(result.state.line, 3);
}

static void an_import_goes_on_where_it_was(void **state)
{
    (void)state;
    script.outage = "b";
    import_file(three);
    assert_int_equal(result.state.counts.created, 1);
    start = result.state;
    script.outage = NULL;
    script.is_out = false;
    open_file(three);
    product_reader_resume(options.reader, start.offset, start.line);
    client_run(stage.client, import_in_fiber, NULL);
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(script.products, 3);
    assert_int_equal(result.state.counts.created, 3);
    assert_int_equal(result.state.counts.products, 3);
    assert_int_equal(result.state.offset, sizeof three - 1);
}

/* ---- many ---- */

enum { MANY = 3 * IMPORT_WINDOW };

static const char *many_products(void)
{
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 16);
    text_builder_add(&file, TEXT(HEADER));
    for (int i = 0; i < MANY; i++)
        text_builder_add(&file, text_format(arena, "h%d,T,Acme,Lamps,1.00\n", i));
    assert_false(file.is_full);
    return text_string(arena, text_builder_view(&file));
}

static void no_more_products_are_under_way_than_the_window_holds(void **state)
{
    (void)state;
    script.delay_us = 100000; /* long enough to read a window of products meanwhile */
    import_file(many_products());
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(result.state.counts.created, MANY);
    assert_int_equal(script.products, MANY);
    assert_int_equal(script.most_at_once, IMPORT_WINDOW);
}

/* Products end in any order; what is behind one that has not ended is sent again by the next run.
 */
static void the_state_never_passes_a_product_that_has_not_ended(void **state)
{
    (void)state;
    const char *file = many_products();
    script.delay_us = 1000;
    script.outage = "h100";
    import_file(file);
    assert_int_equal(result.status, STATUS_UNAVAILABLE);
    assert_true(result.state.offset <= (uint64_t)(strstr(file, "h100,") - file));
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_market, close_market)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(every_product_is_sent_and_counted),
        CLAIM(what_the_market_did_is_counted),
        CLAIM(a_vendor_and_a_category_are_asked_for_once),
        CLAIM(each_vendor_is_asked_for),
        CLAIM(a_product_is_known_by_its_vendor_and_its_handle),
        CLAIM(a_vendor_and_a_category_are_asked_for_once_however_they_are_written),
        CLAIM(each_run_has_a_name_of_its_own),
        CLAIM(a_dry_run_asks_and_says_so_in_each_message),
        CLAIM(products_of_a_vendor_that_a_dry_run_would_make_are_new),
        CLAIM(an_import_that_nobody_opens_does_not_begin),
        CLAIM(a_refused_product_is_told_and_the_others_go_on),
        CLAIM(a_warning_is_told_and_the_product_is_sent),
        CLAIM(a_bad_row_is_told_and_not_sent),
        CLAIM(a_check_sends_nothing),
        CLAIM(a_file_that_fails_ends_the_check),
        CLAIM(a_file_that_fails_ends_the_import),
        CLAIM(an_outage_ends_the_import_behind_what_is_done),
        CLAIM(an_import_that_is_told_to_stop_stops),
        CLAIM(an_import_goes_on_where_it_was),
        CLAIM(no_more_products_are_under_way_than_the_window_holds),
        CLAIM(the_state_never_passes_a_product_that_has_not_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
