/* The usual limits of a server. */
#include "gateway/server_parts.h"

struct server_limits server_limits_default(void)
{
    return (struct server_limits){
        .body_max = 64 * 1024,
        .bodies_max = 64 << 20,
        .in_flight_max = 4096,
        .in_flight_each_max = 512,
        .ask_deadline_us = 10000000,
        .streams_max = 10000,
        .streams_each_max = 100,
        .streams_per_connection = 32,
        .connection = { .connections_max = 10000,
                        .per_address_max = 512,
                        .faults_max = 10,
                        .resets_max = 100,
                        .resets_window_us = 10000000,
                        .header_deadline_us = 10000000,
                        .body_deadline_us = 10000000,
                        .body_rate_min = 16384,
                        .idle_deadline_us = 10000000,
                        .write_deadline_us = 10000000,
                        .arriving_max = 64 << 20,
                        .input_rate_max = 1 << 20 },
    };
}
