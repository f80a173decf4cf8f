/* Looks things up in the table of the machines. */
#include "actors/order/order_machine.h"

enum kind { START, MIDDLE, END };

static const char *const machine_names[ORDER_MACHINE_COUNT] = {
#define MACHINE(machine, name) [ORDER_MACHINE_##machine] = (name),
#include "actors/order/order_machine.def"
};

static const char *const trigger_names[ORDER_TRIGGER_COUNT] = {
#define TRIGGER(trigger, name) [ORDER_TRIGGER_##trigger] = (name),
#include "actors/order/order_machine.def"
};

static const struct {
    enum order_machine machine;
    enum kind kind;
    const char *name;
} states[ORDER_STATE_COUNT] = {
#define STATE(machine, state, name, kind)                                                          \
    [ORDER_STATE_##machine##_##state] = { ORDER_MACHINE_##machine, (kind), (name) },
#include "actors/order/order_machine.def"
};

enum {
    SHOPPER = ORDER_PULLER_SHOPPER,
    VENDOR = ORDER_PULLER_VENDOR,
    STAFF = ORDER_PULLER_STAFF,
    SYSTEM = ORDER_PULLER_SYSTEM
};

struct transition {
    enum order_state from;
    enum order_trigger trigger;
    enum order_state to;
    unsigned pullers;
};

static const struct transition transitions[] = {
#define TRANSITION(machine, from, trigger, to, who)                                                \
    { ORDER_STATE_##machine##_##from, ORDER_TRIGGER_##trigger, ORDER_STATE_##machine##_##to,       \
      (who) },
#include "actors/order/order_machine.def"
};

/* Lends the transition; NULL: there is none. A hundred rows are looked through in no time. */
static const struct transition *find_transition(enum order_state state, enum order_trigger trigger)
{
    assert(state < ORDER_STATE_COUNT);
    assert(trigger < ORDER_TRIGGER_COUNT);
    for (size_t i = 0; i < ARRAY_LENGTH(transitions); i++)
        if (transitions[i].from == state && transitions[i].trigger == trigger)
            return &transitions[i];
    return NULL;
}

enum status order_machine_step(enum order_state state, enum order_trigger trigger,
                               enum order_state *ret_to)
{
    assert(ret_to != NULL);
    const struct transition *transition = find_transition(state, trigger);
    if (transition == NULL) return STATUS_ILLEGAL_TRANSITION;
    *ret_to = transition->to;
    return STATUS_OK;
}

unsigned order_machine_pullers(enum order_state state, enum order_trigger trigger)
{
    const struct transition *transition = find_transition(state, trigger);
    return transition == NULL ? 0 : transition->pullers;
}

size_t order_machine_allowed(enum order_state state, unsigned pullers,
                             enum order_trigger ret_triggers[ORDER_TRIGGER_COUNT])
{
    assert(state < ORDER_STATE_COUNT);
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(transitions); i++)
        if (transitions[i].from == state && (transitions[i].pullers & pullers) != 0)
            ret_triggers[count++] = transitions[i].trigger;
    assert(count <= ORDER_TRIGGER_COUNT);
    return count;
}

enum order_machine order_machine_of(enum order_state state)
{
    assert(state < ORDER_STATE_COUNT);
    return states[state].machine;
}

enum order_state order_machine_start(enum order_machine machine)
{
    assert(machine < ORDER_MACHINE_COUNT);
    enum order_state state = 0;
    while (states[state].machine != machine || states[state].kind != START)
        state++;
    return state;
}

bool order_machine_is_end(enum order_state state)
{
    assert(state < ORDER_STATE_COUNT);
    return states[state].kind == END;
}

const char *order_machine_name(enum order_machine machine)
{
    assert(machine < ORDER_MACHINE_COUNT);
    return machine_names[machine];
}

const char *order_machine_state_name(enum order_state state)
{
    assert(state < ORDER_STATE_COUNT);
    return states[state].name;
}

const char *order_machine_trigger_name(enum order_trigger trigger)
{
    assert(trigger < ORDER_TRIGGER_COUNT);
    return trigger_names[trigger];
}

bool order_machine_find_state(enum order_machine machine, struct text name,
                              enum order_state *ret_state)
{
    for (enum order_state state = 0; state < ORDER_STATE_COUNT; state++) {
        if (states[state].machine != machine || !text_equals_string(name, states[state].name))
            continue;
        *ret_state = state;
        return true;
    }
    return false;
}

bool order_machine_find_trigger(struct text name, enum order_trigger *ret_trigger)
{
    for (enum order_trigger trigger = 0; trigger < ORDER_TRIGGER_COUNT; trigger++) {
        if (!text_equals_string(name, trigger_names[trigger])) continue;
        *ret_trigger = trigger;
        return true;
    }
    return false;
}
