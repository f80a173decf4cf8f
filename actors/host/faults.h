/* What explains a refusal, as it travels: the body of a reply whose status is not OK. */
#pragma once

#include "actors/host/request.h"

/* At most so many faults explain one refusal; more are left out. */
enum { FAULTS_MAX = 16 };

/* The faults as a body in `arena`; empty if there are none. */
struct text faults_encode(struct arena *arena, const struct request_fault *faults, size_t count);
/* The first fault of a body; false, and ret_fault untouched, if it holds none. */
bool faults_decode_first(struct arena *arena, struct text body, struct request_fault *ret_fault);
