/* The machines of an order's life, as one table (order_machine.def): where something stands, what
 * may happen to it there, where that leads and who may do it. Pure.
 *
 * States belong to one machine each; triggers are shared. Whether a guard holds (a deadline, a
 * quantity, a window) is for the caller to ask. */
#pragma once

#include "messages/values.h"

enum order_machine {
#define MACHINE(machine, name) ORDER_MACHINE_##machine,
#include "actors/order/order_machine.def"
    ORDER_MACHINE_COUNT
};

enum order_state {
#define STATE(machine, state, name, kind) ORDER_STATE_##machine##_##state,
#include "actors/order/order_machine.def"
    ORDER_STATE_COUNT
};

enum order_trigger {
#define TRIGGER(trigger, name) ORDER_TRIGGER_##trigger,
#include "actors/order/order_machine.def"
    ORDER_TRIGGER_COUNT
};

/* Who pulls a trigger: one, or a set of them. */
enum order_puller {
    ORDER_PULLER_SHOPPER = 1,
    ORDER_PULLER_VENDOR = 2,
    ORDER_PULLER_STAFF = 4,
    ORDER_PULLER_SYSTEM = 8, /* timers, carriers, other domains */
    ORDER_PULLER_ANYBODY = 15
};

/* Where a trigger leads. Statuses: OK, ILLEGAL_TRANSITION (nothing has changed). */
MUST_CHECK enum status order_machine_step(enum order_state state, enum order_trigger trigger,
                                          enum order_state *ret_to);
/* The set of those who may pull a trigger there; 0 when it leads nowhere. */
unsigned order_machine_pullers(enum order_state state, enum order_trigger trigger);
/* What any of a set of pullers may do there, in the order of the table; returns how many. */
size_t order_machine_allowed(enum order_state state, unsigned pullers,
                             enum order_trigger ret_triggers[ORDER_TRIGGER_COUNT]);

enum order_machine order_machine_of(enum order_state state);
enum order_state order_machine_start(enum order_machine machine);
/* True if nothing leads on from there. */
bool order_machine_is_end(enum order_state state);

/* The names of the contract. */
const char *order_machine_name(enum order_machine machine);
const char *order_machine_state_name(enum order_state state);
const char *order_machine_trigger_name(enum order_trigger trigger);
/* Finds a state of the machine, or a trigger, by its name; false: there is none. */
bool order_machine_find_state(enum order_machine machine, struct text name,
                              enum order_state *ret_state);
bool order_machine_find_trigger(struct text name, enum order_trigger *ret_trigger);
