/* Builds the stage of request_stage.h. */
#include "tests/actors/host/request_stage.h"

#include "tests/support/cmocka.h"
#include "vendor_messages.h"

void request_stage_again(struct request_stage *stage)
{
    stage->request = (struct request){
        .hosted = &stage->hosted,
        .arena = stage->arena,
        .envelope = &stage->envelope,
        .activation = (void *)stage, /* there is one, and nobody looks into it */
        .now_us = REQUEST_STAGE_NOW_US + 5,
        .deadline_us = INT64_MAX,
        .id_time_us = REQUEST_STAGE_NOW_US,
    };
}

void request_stage_open(struct request_stage *stage)
{
    *stage = (struct request_stage){ .arena = arena_new(65536),
                                     .config = config_new(),
                                     .clock = platform_clock };
    stage->fibers = fibers_new(&stage->timers, &stage->clock);
    stage->dispatch = (struct dispatch_table){ .domain = DOMAIN_VENDOR,
                                               .audit = &vendor_action_was_audited_message };
    stage->definition = (struct domain_definition){ .dispatch = &stage->dispatch };
    stage->host =
        (struct host){ .fibers = stage->fibers, .config = stage->config, .principal_key = { 42 } };
    stage->hosted = (struct hosted){ .host = &stage->host,
                                     .definition = &stage->definition,
                                     .domain = DOMAIN_VENDOR };
    stage->envelope = (struct envelope){
        .domain = DOMAIN_VENDOR,
        .number = vendor_suspend_vendor_message.number,
        .msg_id = { { 1 } },
        .key = uuid_make(REQUEST_STAGE_NOW_US, (const uint8_t[10]){ 7 }, REQUEST_STAGE_SHARD),
        .shard = REQUEST_STAGE_SHARD,
        .principal = { .kind = PRINCIPAL_ADMIN, .id = { { 2 } } },
        .request_id = TEXT("req-7"),
        .client = TEXT("192.0.2.1"),
    };
    request_stage_again(stage);
}

void request_stage_close(struct request_stage *stage)
{
    fibers_destroy(&stage->fibers);
    config_destroy(&stage->config);
    arena_destroy(&stage->arena);
}
