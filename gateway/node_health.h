/* Whether the domains can be served, as their nodes say, and what these have counted: each owner of
 * shards is asked every two seconds. */
#pragma once

#include "gateway/inquiry.h"
#include "runtime/metrics.h"

enum { NODE_REPORTS_MAX = 16 /* nodes whose figures are exported */ };

struct node_health;

/* `domains`: a bit for each that is to be asked. */
struct node_health *node_health_new(const struct inquirer *inquirer, uint32_t domains);
/* No question may be under way. */
void node_health_destroy(struct node_health **health);
/* Asks again when it is time; to be called several times a second. */
void node_health_tick(struct node_health *health);
/* True while a question is under way. */
bool node_health_is_asking(const struct node_health *health);
/* True if every node of the domain, as far as is known, has a database that answers and takes
 * writes. */
bool node_health_is_good(const struct node_health *health, unsigned domain);
/* Why not, in words without a full stop; NULL if it is good. */
const char *node_health_problem(const struct node_health *health, unsigned domain);
/* What the nodes have counted, as heard last. Valid until the next turn of the loop. */
size_t node_health_reports(const struct node_health *health,
                           struct metric_report ret_reports[NODE_REPORTS_MAX]);
