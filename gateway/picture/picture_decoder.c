/* Everything that touches libuv runs on the loop's stack; the fiber that wants a picture only
 * waits. A file is written, and its digest taken, piece by piece, so that no turn of the loop has
 * 10 MiB to go through. */
#include "gateway/picture/picture_decoder.h"

#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/picture/picture_kind.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

enum { PIECE_BYTES = 256 << 10, READ_BYTES = 64 << 10, HANDLES = 3 };

struct picture_job {
    struct picture_decoder *decoder;
    struct picture_job **place; /* of the caller, cleared at the end */
    struct text rest;           /* of the file, still to be written */
    struct text_builder out;
    crypto_generichash_state digest;
    uv_process_t process;
    uv_pipe_t in, out_pipe;
    uv_write_t write;
    struct timer begin, deadline;
    struct completion completion;
    size_t handles;  /* not yet closed */
    bool has_exited; /* with the two below */
    bool has_ended;  /* nothing more comes from its standard output */
    int64_t exit_status;
    int signal;
    bool is_finished;         /* its caller has been told */
    struct picture_job *next; /* in the queue */
    char buffer[READ_BYTES];
};

struct picture_decoder {
    struct picture_decoder_options options;
    size_t running, waiting, alive;   /* alive: jobs whose memory is not given back */
    struct picture_job *first, *last; /* waiting */
};

/* ---- the end of a job ---- */

static void job_free(struct picture_job *job)
{
    assert(job->handles == 0);
    job->decoder->alive--;
    free(job);
}

static void on_closed(uv_handle_t *handle)
{
    struct picture_job *job = handle->data;
    if (--job->handles == 0) job_free(job);
}

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle)) uv_close(handle, on_closed);
}

/* A process that has ended, or never began, has no number that is its own. */
static void job_kill(struct picture_job *job)
{
    if (!job->has_exited) (void)uv_process_kill(&job->process, SIGKILL);
}

/* Tells the caller. The bytes are his again: libuv reads nothing of them once the pipe is closed.
 */
static void job_finish(struct picture_job *job, enum status status)
{
    if (job->is_finished) return;
    job->is_finished = true;
    struct timers *timers = loop_timers(job->decoder->options.loop);
    timer_stop(timers, &job->begin);
    timer_stop(timers, &job->deadline);
    *job->place = NULL;
    if (job->handles > 0) {
        job_kill(job);
        close_handle(&job->in);
        close_handle(&job->out_pipe);
        if (job->has_exited) close_handle(&job->process);
    }
    completion_finish(&job->completion, status);
}

static enum status status_of_exit(const struct picture_job *job)
{
    if (job->signal == 0 && job->exit_status == PICTURE_END_DONE) return STATUS_OK;
    if (job->signal == 0 && job->exit_status == PICTURE_END_UNKNOWN)
        return STATUS_UNSUPPORTED_MEDIA_TYPE;
    if (job->signal == 0 && job->exit_status == PICTURE_END_BROKEN)
        return STATUS_PICTURE_UNREADABLE;
    if (job->signal == 0 && job->exit_status == PICTURE_END_TOO_LARGE)
        return STATUS_PICTURE_TOO_LARGE;
    log_warning("picture_decoder_failed", LOG_INT("exit", job->exit_status),
                LOG_INT("signal", job->signal));
    metric_add(METRIC_PICTURES_FAILED, 1);
    /* By a signal: it has crashed, or asked for what it may not, or taken too long. All of that is
     * of the file. */
    return job->signal != 0 ? STATUS_PICTURE_UNREADABLE : STATUS_UNAVAILABLE;
}

static void job_check_end(struct picture_job *job)
{
    if (job->has_exited && job->has_ended) job_finish(job, status_of_exit(job));
}

static void on_exited(uv_process_t *process, int64_t exit_status, int signal)
{
    struct picture_job *job = process->data;
    job->has_exited = true;
    job->exit_status = exit_status;
    job->signal = signal;
    close_handle(process);
    if (!job->is_finished) job_check_end(job);
}

/* ---- what is written and read ---- */

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
    (void)suggested;
    struct picture_job *job = handle->data;
    *ret_buffer = uv_buf_init(job->buffer, sizeof job->buffer);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct picture_job *job = stream->data;
    if (job->is_finished || count == 0) return;
    if (count > 0) {
        text_builder_add(&job->out, (struct text){ buffer->base, (size_t)count });
        if (job->out.is_full) job_finish(job, STATUS_PICTURE_UNREADABLE);
        return;
    }
    job->has_ended = true;
    job_check_end(job);
}

static void write_more(struct picture_job *job);

/* A decoder that ends early closes its end: how it ended is told by its exit. */
static void on_written(uv_write_t *request, int status)
{
    struct picture_job *job = request->data;
    if (job->is_finished) return;
    if (status != 0) job->rest.length = 0;
    write_more(job);
}

static void write_more(struct picture_job *job)
{
    size_t length = job->rest.length < PIECE_BYTES ? job->rest.length : PIECE_BYTES;
    if (length == 0) {
        close_handle(&job->in); /* its end of the file */
        return;
    }
    uv_buf_t piece = uv_buf_init((char *)(uintptr_t)job->rest.data, (unsigned)length);
    (void)crypto_generichash_update(&job->digest, (const uint8_t *)job->rest.data, length);
    job->rest = (struct text){ job->rest.data + length, job->rest.length - length };
    job->write.data = job;
    if (uv_write(&job->write, (uv_stream_t *)&job->in, &piece, 1, on_written) != 0)
        close_handle(&job->in);
}

/* ---- the beginning ---- */

static bool job_spawn(struct picture_job *job)
{
    const struct picture_decoder_options *options = &job->decoder->options;
    uv_loop_t *loop = loop_uv(options->loop);
    (void)uv_pipe_init(loop, &job->in, 0);
    (void)uv_pipe_init(loop, &job->out_pipe, 0);
    job->process.data = job->in.data = job->out_pipe.data = job;
    job->handles = HANDLES;
    char *arguments[] = { (char *)(uintptr_t)options->program, NULL }, *environment[] = { NULL };
    uv_stdio_container_t files[] = {
        { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&job->in },
        { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
          .data.stream = (uv_stream_t *)&job->out_pipe },
        { .flags = UV_IGNORE },
    };
    const uv_process_options_t process = {
        .exit_cb = on_exited,
        .file = options->program,
        .args = arguments,
        .env = environment,
        .cwd = "/",
        .stdio = files,
        .stdio_count = ARRAY_LENGTH(files),
    };
    /* libuv makes a handle of the process even when it cannot be started. */
    if (uv_spawn(loop, &job->process, &process) == 0) return true;
    job->has_exited = true;
    return false;
}

static void on_late(struct timer *timer)
{
    job_kill(CONTAINER_OF(timer, struct picture_job, deadline));
}

static void on_begin(struct timer *timer)
{
    struct picture_job *job = CONTAINER_OF(timer, struct picture_job, begin);
    struct picture_decoder *decoder = job->decoder;
    if (!job_spawn(job)) {
        log_error("picture_decoder_cannot_start", LOG_STRING("program", decoder->options.program));
        job_finish(job, STATUS_UNAVAILABLE);
        return;
    }
    job->deadline.on_fire = on_late;
    timer_start(loop_timers(decoder->options.loop), &job->deadline,
                loop_now_us(decoder->options.loop) + decoder->options.time_max_us);
    (void)uv_read_start((uv_stream_t *)&job->out_pipe, on_allocate, on_read);
    write_more(job);
}

/* On the loop's stack, and not in the fiber that asks for it. */
static void job_begin(struct picture_job *job)
{
    struct loop *loop = job->decoder->options.loop;
    job->decoder->running++;
    job->begin.on_fire = on_begin;
    timer_start(loop_timers(loop), &job->begin, loop_now_us(loop));
}

static void queue_remove(struct picture_decoder *decoder, const struct picture_job *job)
{
    struct picture_job *before = NULL;
    for (struct picture_job *j = decoder->first; j != job; j = j->next)
        before = j;
    if (before == NULL)
        decoder->first = job->next;
    else
        before->next = job->next;
    if (decoder->last == job) decoder->last = before;
    decoder->waiting--;
}

/* False: neither a place nor room to wait for one. */
static bool job_queue(struct picture_decoder *decoder, struct picture_job *job)
{
    if (decoder->running < decoder->options.at_once_max) {
        job_begin(job);
        return true;
    }
    if (decoder->waiting == decoder->options.queue_max) return false;
    if (decoder->last == NULL)
        decoder->first = job;
    else
        decoder->last->next = job;
    decoder->last = job;
    decoder->waiting++;
    return true;
}

static void decoder_go_on(struct picture_decoder *decoder)
{
    struct picture_job *next = decoder->first;
    if (next == NULL || decoder->running == decoder->options.at_once_max) return;
    queue_remove(decoder, next);
    job_begin(next);
}

/* ---- what others see ---- */

struct picture_decoder *picture_decoder_new(const struct picture_decoder_options *options)
{
    assert(options->program != NULL);
    assert(options->at_once_max > 0);
    assert(options->time_max_us > 0);
    struct picture_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) abort();
    decoder->options = *options;
    return decoder;
}

void picture_decoder_destroy(struct picture_decoder **decoder)
{
    if (*decoder == NULL) return;
    assert((*decoder)->running == 0);
    assert((*decoder)->waiting == 0);
    while ((*decoder)->alive > 0)
        (void)uv_run(loop_uv((*decoder)->options.loop), UV_RUN_ONCE);
    free(*decoder);
    *decoder = NULL;
}

bool picture_decoder_is_busy(const struct picture_decoder *decoder)
{
    return decoder->alive > 0;
}

static struct picture_job *job_new(struct picture_decoder *decoder, struct picture_wish wish,
                                   struct arena *arena)
{
    struct picture_job *job = calloc(1, sizeof *job);
    if (job == NULL) abort();
    job->decoder = decoder;
    job->place = wish.job;
    job->rest = wish.bytes;
    text_builder_init(&job->out, arena, PICTURE_FRAME_MAX);
    (void)crypto_generichash_init(&job->digest, NULL, 0, PICTURE_DIGEST_BYTES);
    completion_init(&job->completion, decoder->options.fibers);
    decoder->alive++;
    return job;
}

enum status picture_decode(struct picture_decoder *decoder, struct picture_wish wish,
                           struct arena *arena, struct picture_made *ret_made)
{
    assert(*wish.job == NULL);
    if (wish.bytes.length > PICTURE_INPUT_MAX) return STATUS_PICTURE_TOO_LARGE;
    if (picture_kind_of(wish.bytes) == PICTURE_NONE) return STATUS_UNSUPPORTED_MEDIA_TYPE;
    struct picture_job *job = job_new(decoder, wish, arena);
    if (!job_queue(decoder, job)) {
        job_free(job);
        metric_add(METRIC_PICTURES_REFUSED, 1);
        return STATUS_OVERLOADED;
    }
    *wish.job = job;
    /* Not ended by fibers_stop(): the process reads the caller's bytes. */
    enum status status = completion_wait_out(&job->completion);
    const struct text out = text_builder_view(&job->out);
    struct picture_made made;
    (void)crypto_generichash_final(&job->digest, made.digest, sizeof made.digest);
    if (status == STATUS_OK && picture_frame_read(out, &made.frame) != STATUS_OK)
        status = STATUS_PICTURE_UNREADABLE;
    assert(decoder->first != job); /* it has left the queue, by its turn or by its cancellation */
    decoder->running--;
    if (job->handles == 0) job_free(job);
    decoder_go_on(decoder);
    if (status != STATUS_OK) return status;
    *ret_made = made;
    metric_add(METRIC_PICTURES_MADE, 1);
    return STATUS_OK;
}

void picture_decoder_cancel(struct picture_job *job)
{
    struct picture_decoder *decoder = job->decoder;
    for (struct picture_job *j = decoder->first; j != NULL; j = j->next) {
        if (j != job) continue;
        queue_remove(decoder, job);
        decoder->running++; /* as if it had begun: its waiter counts it out */
        break;
    }
    job_finish(job, STATUS_UNAVAILABLE);
}
