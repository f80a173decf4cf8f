/* Faults <-> common.problem_detail, which gateways turn into the `errors` of a problem. */
#include "actors/host/faults.h"

#include "common_messages.h"
#include "messages/codec_msgpack.h"

struct text faults_encode(struct arena *arena, const struct request_fault *faults, size_t count)
{
    assert(count <= FAULTS_MAX);
    if (count == 0) return (struct text){ 0 };
    struct common_problem_item *items = arena_allocate_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct common_problem_item){
            .pointer = text_of(faults[i].pointer),
            .code = text_of(status_name(faults[i].code)),
            .has_detail = faults[i].detail.length > 0,
            .detail = faults[i].detail,
            .has_requested = faults[i].has_amounts,
            .requested = faults[i].requested,
            .has_available = faults[i].has_amounts,
            .available = faults[i].available,
            .has_minimum = faults[i].has_minimum,
            .minimum = faults[i].minimum,
            .has_maximum = faults[i].has_maximum,
            .maximum = faults[i].maximum,
            .allowed = faults[i].allowed,
            .allowed_count = faults[i].allowed_count,
        };
    }
    const struct common_problem_detail problem = { .errors = items, .errors_count = count };
    struct text body = { 0 };
    if (msgpack_encode(&common_problem_detail_schema, &problem, arena, ENVELOPE_BODY_MAX, &body) !=
        STATUS_OK)
        return (struct text){ 0 }; /* an explanation too long for a body is left out */
    return body;
}

bool faults_decode_first(struct arena *arena, struct text body, struct request_fault *ret_fault)
{
    assert(arena != NULL);
    assert(ret_fault != NULL);
    struct common_problem_detail problem;
    if (body.length == 0 ||
        msgpack_decode(&common_problem_detail_schema, body, arena, &problem) != STATUS_OK ||
        problem.errors_count == 0)
        return false;
    const struct common_problem_item *item = &problem.errors[0];
    enum status code;
    if (!status_find(item->code.data, item->code.length, &code)) code = STATUS_INTERNAL;
    *ret_fault = (struct request_fault){
        .pointer = text_string(arena, item->pointer),
        .code = code,
        .detail = item->detail,
        .has_amounts = item->has_requested && item->has_available,
        .requested = item->requested,
        .available = item->available,
        .has_minimum = item->has_minimum,
        .minimum = item->minimum,
        .has_maximum = item->has_maximum,
        .maximum = item->maximum,
        .allowed = item->allowed,
        .allowed_count = item->allowed_count,
    };
    return true;
}
