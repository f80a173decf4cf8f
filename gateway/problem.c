/* Problem details, written member by member: no tree of JSON values is built for a refusal. */
#include "gateway/problem.h"

#include "common_messages.h"
#include "messages/codec_json.h"

enum { DETAIL_BYTES_MAX = 4096 };

static void member_add(struct text_builder *out, const char *name, struct text value)
{
    text_builder_add(out, TEXT(",\""));
    text_builder_add(out, text_of(name));
    text_builder_add(out, TEXT("\":"));
    json_encode_text(value, out);
}

static void member_add_int(struct text_builder *out, const char *name, int64_t value)
{
    text_builder_add(out, TEXT(",\""));
    text_builder_add(out, text_of(name));
    text_builder_add(out, TEXT("\":"));
    text_builder_add_int(out, value);
}

/* "The text is too long. It takes 1 to 200." */
static void limits_add(const struct field_limits *limits, struct text_builder *out)
{
    if (limits->allowed != NULL) {
        text_builder_add(out, TEXT(" It is one of: "));
        for (size_t i = 0; i < limits->allowed->enum_count; i++) {
            if (i > 0) text_builder_add(out, TEXT(", "));
            text_builder_add(out, text_of(limits->allowed->enum_names[i]));
        }
    } else if (limits->has_minimum && limits->has_maximum) {
        text_builder_add(out, TEXT(" Allowed: "));
        text_builder_add_int(out, limits->minimum);
        text_builder_add(out, TEXT(" to "));
        text_builder_add_int(out, limits->maximum);
    } else if (limits->has_maximum) {
        text_builder_add(out, TEXT(" At most "));
        text_builder_add_int(out, limits->maximum);
    } else if (limits->has_minimum) {
        text_builder_add(out, TEXT(" At least "));
        text_builder_add_int(out, limits->minimum);
    } else {
        return;
    }
    text_builder_add_byte(out, '.');
}

static struct text fault_detail(const struct field_fault *fault, struct arena *arena)
{
    struct text_builder detail;
    text_builder_init(&detail, arena, DETAIL_BYTES_MAX);
    text_builder_add(&detail, text_of(fault->detail));
    limits_add(&fault->limits, &detail);
    return text_builder_view(&detail);
}

static void item_begin(struct text_builder *out, size_t index, struct text pointer,
                       enum field_place place, struct text code, struct text detail)
{
    text_builder_add(out, index == 0 ? TEXT("{\"pointer\":") : TEXT(",{\"pointer\":"));
    json_encode_text(pointer, out);
    member_add(out, "in", text_of(field_place_name(place)));
    member_add(out, "code", code);
    member_add(out, "detail", detail);
}

static void allowed_add(const struct field *field, struct text_builder *out)
{
    text_builder_add(out, TEXT(",\"allowed\":["));
    for (size_t i = 0; i < field->enum_count; i++) {
        if (i > 0) text_builder_add_byte(out, ',');
        json_encode_text(text_of(field->enum_names[i]), out);
    }
    text_builder_add_byte(out, ']');
}

static void problem_add_faults(const struct field_faults *faults, struct text_builder *out)
{
    member_add(out, "detail", fault_detail(&faults->entries[0], out->arena));
    text_builder_add(out, TEXT(",\"errors\":["));
    for (size_t i = 0; i < faults->count; i++) {
        const struct field_fault *fault = &faults->entries[i];
        const struct field_limits *limits = &fault->limits;
        item_begin(out, i, text_of(fault->pointer), fault->place,
                   text_of(status_name(fault->status)), fault_detail(fault, out->arena));
        if (limits->has_minimum) member_add_int(out, "minimum", limits->minimum);
        if (limits->has_maximum) member_add_int(out, "maximum", limits->maximum);
        if (limits->allowed != NULL) allowed_add(limits->allowed, out);
        text_builder_add_byte(out, '}');
    }
    text_builder_add_byte(out, ']');
}

/* A domain's reason may be a code alone: then what is known of the code is told. */
static struct text item_detail(const struct common_problem_item *item)
{
    enum status status;
    if (item->has_detail) return item->detail;
    if (!status_find(item->code.data, item->code.length, &status)) status = STATUS_INVALID_VALUE;
    return text_of(status_title(status));
}

static void item_allowed_add(const struct common_problem_item *item, struct text_builder *out)
{
    text_builder_add(out, TEXT(",\"allowed\":["));
    for (size_t i = 0; i < item->allowed_count; i++) {
        if (i > 0) text_builder_add_byte(out, ',');
        json_encode_text(item->allowed[i], out);
    }
    text_builder_add_byte(out, ']');
}

static void problem_add_items(const struct common_problem_detail *detail, enum field_place place,
                              struct text_builder *out)
{
    if (detail->errors_count == 0) return;
    text_builder_add(out, TEXT(",\"errors\":["));
    for (size_t i = 0; i < detail->errors_count; i++) {
        const struct common_problem_item *item = &detail->errors[i];
        item_begin(out, i, item->pointer, place, item->code, item_detail(item));
        if (item->has_requested) member_add_int(out, "requested", item->requested);
        if (item->has_available) member_add_int(out, "available", item->available);
        if (item->has_minimum) member_add_int(out, "minimum", item->minimum);
        if (item->has_maximum) member_add_int(out, "maximum", item->maximum);
        if (item->allowed_count > 0) item_allowed_add(item, out);
        text_builder_add_byte(out, '}');
    }
    text_builder_add_byte(out, ']');
}

/* What was too large, and how much is taken. */
static void problem_add_maximum(const struct problem *problem, struct text_builder *out)
{
    const struct text detail =
        text_format(out->arena, "At most %lld bytes are taken.", (long long)problem->maximum);
    const struct common_problem_item item = {
        .code = text_of(status_name(problem->status)),
        .has_detail = true,
        .detail = detail,
        .has_maximum = true,
        .maximum = problem->maximum,
    };
    const struct common_problem_detail limit = { .errors = &item, .errors_count = 1 };
    member_add(out, "detail", detail);
    problem_add_items(&limit, problem->place, out);
}

/* What went wrong this time; where nothing more exact is known, what can be done. */
static void problem_add_detail(const struct problem *problem, struct text_builder *out)
{
    const struct common_problem_detail *detail = problem->detail;
    if (problem->maximum > 0) {
        problem_add_maximum(problem, out);
        return;
    }
    if (problem->reason.length > 0)
        member_add(out, "detail", problem->reason);
    else if (detail != NULL && detail->has_detail)
        member_add(out, "detail", detail->detail);
    else if (detail != NULL && detail->errors_count > 0 && detail->errors[0].has_detail)
        member_add(out, "detail", detail->errors[0].detail);
    else
        member_add(out, "detail", text_of(status_help(problem->status)));
    if (detail != NULL) problem_add_items(detail, problem->place, out);
}

int problem_http_status(const struct problem *problem)
{
    assert(problem->status != STATUS_OK);
    return problem->http_status != 0 ? problem->http_status : status_http(problem->status);
}

void problem_write(const struct problem *problem, struct text instance, struct text request_id,
                   struct text_builder *out)
{
    assert(problem->status != STATUS_OK);
    assert(request_id.length > 0);
    const struct text code = text_of(status_name(problem->status));
    text_builder_add(out, TEXT("{\"type\":\"" PROBLEM_PAGES));
    text_builder_add(out, code);
    text_builder_add_byte(out, '"');
    member_add(out, "title", text_of(status_title(problem->status)));
    member_add_int(out, "status", problem_http_status(problem));
    member_add(out, "instance", instance);
    member_add(out, "code", code);
    member_add(out, "request_id", request_id);
    if (problem->faults != NULL && problem->faults->count > 0)
        problem_add_faults(problem->faults, out);
    else
        problem_add_detail(problem, out);
    text_builder_add_byte(out, '}');
}

enum status problem_add_fault(struct field_faults *faults, enum field_place place, struct text name,
                              enum status status, const char *detail)
{
    assert(status != STATUS_OK);
    struct field_path path = { .place = place };
    (void)field_path_push(&path, name);
    return field_faults_add(faults, &path, status, detail);
}
