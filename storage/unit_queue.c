/* A doubly linked list. */
#include "storage/unit_queue.h"

void unit_queue_append(struct unit_queue *queue, struct unit *unit)
{
    assert(unit->queue == NULL);
    unit->previous = queue->tail;
    unit->next = NULL;
    if (queue->tail == NULL)
        queue->head = unit;
    else
        queue->tail->next = unit;
    queue->tail = unit;
    queue->count++;
    unit->queue = queue;
}

void unit_queue_remove(struct unit *unit)
{
    struct unit_queue *queue = unit->queue;
    assert(queue != NULL);
    assert(queue->count > 0);
    if (unit->previous == NULL)
        queue->head = unit->next;
    else
        unit->previous->next = unit->next;
    if (unit->next == NULL)
        queue->tail = unit->previous;
    else
        unit->next->previous = unit->previous;
    queue->count--;
    unit->queue = NULL;
}
