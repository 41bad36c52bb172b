/* C SDK for message parsers of kafka-soar.
 *
 * A parser turns Kafka messages into SOAR containers and artifacts. It is compiled to a WebAssembly
 * component that can reach nothing: no file, socket, environment or process. The parser is the
 * function ks_parse, which you define:
 *
 *     static bool greet(const ks_message *message, ks_output *out, void *context) {
 *       (void)context;
 *       ks_text text;
 *       if (!ks_message_text(message, out, &text)) return false;
 *       ks_container(out, ks_first(ks_line(text), 100));
 *       ks_artifact(out, message);
 *       ks_put_text(ks_cef(out), "message", text);
 *       return true;
 *     }
 *
 *     bool ks_parse(const ks_batch *batch, ks_output *out) {
 *       return ks_each(batch, out, greet, NULL);
 *     }
 *
 * No function here returns "out of memory": the parser traps, as at any other limit. */

#ifndef KAFKA_SOAR_H
#define KAFKA_SOAR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define KS_PRINTF(text, values) __attribute__((format(printf, text, values)))
#else
#define KS_PRINTF(text, values)
#endif

/* ---- text and bytes ----------------------------------------------------------------------- */

/* UTF-8 text, not terminated by a zero. */
typedef struct ks_text {
  const char *data;
  size_t size;
} ks_text;

/* Bytes; none at all, which isn't the same as an empty string of them, when `data` is NULL. */
typedef struct ks_bytes {
  const uint8_t *data;
  size_t size;
} ks_bytes;

/* For printf: `"%.*s"` with `KS_ARG(text)`. */
#define KS_ARG(text) (int)(text).size, (text).data

/* The text of a C string. */
ks_text ks_string(const char *string);

/* Whether two texts are the same. */
bool ks_equal(ks_text a, ks_text b);

/* Whether a text begins with a C string; if so `rest`, unless it is NULL, is what follows. */
bool ks_begins(ks_text text, const char *prefix, ks_text *rest);

/* The text's first line, without its end. */
ks_text ks_line(ks_text text);

/* At most the first `count` code points of a text. */
ks_text ks_first(ks_text text, size_t count);

/* ---- in ----------------------------------------------------------------------------------- */

/* Kafka messages of one topic in the order in which the host read them: offsets ascend within
 * each partition, partitions may interleave. Never empty. A poll may take several batches, each
 * of which meets a fresh instance of the parser. */
typedef struct ks_batch ks_batch;

/* What a parser writes: see below. */
typedef struct ks_output ks_output;

/* There is no timestamp. */
#define KS_NO_TIME INT64_MIN

/* A Kafka record: a view into its batch. */
typedef struct ks_message {
  const ks_batch *batch;
  uint32_t index;      /* in the batch, from 0 */
  int32_t partition;   /* that it was read from */
  int64_t offset;      /* in that partition */
  int64_t timestamp;   /* when it was produced or appended, in ms since the Unix epoch; or KS_NO_TIME */
  ks_bytes key, value; /* without a value it is a tombstone */
  uint32_t headers;    /* how many it has: see ks_message_header */
} ks_message;

typedef struct ks_header {
  ks_text name;   /* names may repeat within a record */
  ks_bytes value; /* a header may have none */
} ks_header;

ks_text ks_topic(const ks_batch *batch);

/* How many messages there are. */
uint32_t ks_count(const ks_batch *batch);

/* A message, by an index below ks_count. */
ks_message ks_at(const ks_batch *batch, uint32_t index);

/* The value as text. False, with a reason as by ks_reject, when the message has no value or one that
 * isn't UTF-8. */
bool ks_message_text(const ks_message *message, ks_output *out, ks_text *text);

/* The key as text; a message without a key gives `data` NULL. False, with a reason, when it isn't
 * UTF-8. */
bool ks_key_text(const ks_message *message, ks_output *out, ks_text *text);

/* A header, by an index below `message->headers`. */
ks_header ks_message_header(const ks_message *message, uint32_t index);

/* The value of the last header with this name: where a name repeats, Kafka's clients take the last
 * one. `data` is NULL when there is no such header or it has no value. */
ks_bytes ks_find_header(const ks_message *message, const char *name);

/* What ks_each calls with every message; false rejects it. */
typedef bool ks_parse_message(const ks_message *message, ks_output *out, void *context);

/* Calls `parse` with every message in order. When it returns false, that message is rejected with
 * the reason that ks_reject noted, what was written for it is taken back, and the next message
 * follows. The result is for ks_parse to return. */
bool ks_each(const ks_batch *batch, ks_output *out, ks_parse_message *parse, void *context);

/* ---- what the host knows ------------------------------------------------------------------ */

/* The asset's `parser_settings` as JSON text, always of an object. */
ks_text ks_settings(void);

/* Members of the settings, by name. False when there is none, or one of another type. Text lives as
 * long as `out`. */
bool ks_setting_text(ks_output *out, const char *name, ks_text *value);
bool ks_setting_int(const char *name, int64_t *value);
bool ks_setting_bool(const char *name, bool *value);

typedef struct ks_instant {
  uint64_t unix_ms;
  int16_t utc_offset_minutes; /* the host's local time is UTC plus this */
} ks_instant;

/* When the poll began: the only clock. It doesn't advance. */
ks_instant ks_poll_started(void);

typedef enum ks_level { KS_DEBUG, KS_INFO, KS_WARN, KS_ERROR } ks_level;

/* Writes a line to the connector's log, at most 4 KiB. The host stops a parser whose lines for one
 * batch pass the asset's limit (64 KiB by default): a line a batch is fine, a line a message isn't. */
void ks_log(ks_level level, const char *format, ...) KS_PRINTF(2, 3);

/* ---- out ---------------------------------------------------------------------------------- */

/* Opens a container, and closes the one before. SOAR requires a name and a label; the asset's own
 * label, where it has one, wins. */
void ks_container(ks_output *out, ks_text name);

/* Leaves the open container out if it gets no artifact. */
void ks_skip_if_empty(ks_output *out);

/* Adds an artifact made from `message` to the open container; NULL for one that is made from several
 * messages or from none: the host then can't trace any artifact of this batch to its message.
 *
 * Playbooks run once a container, after its last artifact: the SDK writes `run_automation` as false on
 * all artifacts but the last. An artifact that sets it itself keeps its choice. */
void ks_artifact(ks_output *out, const ks_message *message);

/* Members of the container or artifact that was opened last, each once; the container's name is there.
 * A text that isn't UTF-8 rejects the message, or outside of ks_each refuses the batch. */
void ks_name(ks_output *out, ks_text name); /* an artifact's */
void ks_label(ks_output *out, ks_text label);
void ks_description(ks_output *out, ks_text description);
void ks_severity(ks_output *out, const char *severity);       /* "high", "medium", "low" or the instance's own */
void ks_sensitivity(ks_output *out, const char *sensitivity); /* a container's: "white", "green", "amber", "red" */
void ks_status(ks_output *out, const char *status);           /* a container's: "new", "open", "closed" … */
void ks_type(ks_output *out, const char *type);               /* an artifact's: "network", "host", "user" … */
void ks_kill_chain(ks_output *out, ks_text phase);
void ks_tags(ks_output *out, const ks_text *tags, size_t count);
void ks_owner(ks_output *out, ks_text name);
void ks_owner_id(ks_output *out, int64_t number);
void ks_run_automation(ks_output *out, bool run);

/* What makes it this one and no other, so that delivering it again makes no second one. The same input
 * must give the same identifier. */
void ks_source_data_identifier(ks_output *out, ks_text identifier);

/* Milliseconds since the Unix epoch; nothing is written for KS_NO_TIME. */
void ks_start_time(ks_output *out, int64_t unix_ms);
void ks_end_time(ks_output *out, int64_t unix_ms);
void ks_due_time(ks_output *out, int64_t unix_ms); /* a container's */

/* A JSON object being written. */
typedef struct ks_json ks_json;

/* The fields of the open artifact's `cef`: "sourceAddress", "fileHashSha256", or names of your own. */
ks_json *ks_cef(ks_output *out);

/* Any other members of the open container or artifact: "data", "custom_fields", "cef_types" … */
ks_json *ks_fields(ks_output *out);

/* Values: with a name in an object, with NULL for a name in a list. */
void ks_put_text(ks_json *json, const char *name, ks_text text);
void ks_put_base64(ks_json *json, const char *name, ks_bytes bytes); /* null for none */
void ks_put_int(ks_json *json, const char *name, int64_t number);
void ks_put_double(ks_json *json, const char *name, double number); /* NaN and infinity reject */
void ks_put_bool(ks_json *json, const char *name, bool value);
void ks_put_null(ks_json *json, const char *name);

/* An object or a list: what follows goes into it until ks_close. At most 60 inside one another. */
void ks_open_object(ks_json *json, const char *name);
void ks_open_list(ks_json *json, const char *name);
void ks_close(ks_json *json);

/* Formatted text that lives as long as `out`. */
ks_text ks_format(ks_output *out, const char *format, ...) KS_PRINTF(2, 3);

/* ---- what can't be handled ---------------------------------------------------------------- */

/* Notes why this message can't be handled, and returns false for the function that ks_each calls to
 * return; returned from ks_parse itself it refuses the batch. The reason is for the person who looks
 * after the topic: say what is wrong and where, not the message's data. The host cuts it at 1 KiB. */
bool ks_reject(ks_output *out, const char *format, ...) KS_PRINTF(2, 3);

/* Rejects a message outside of ks_each. Takes nothing back. */
void ks_reject_message(ks_output *out, const ks_message *message, const char *format, ...) KS_PRINTF(3, 4);

/* No message of this batch can be handled (a setting is missing, say): the poll stops before it, nothing
 * is quarantined, and no offset advances. Returns false. */
bool ks_refuse(ks_output *out, const char *format, ...) KS_PRINTF(2, 3);

/* ---- the parser --------------------------------------------------------------------------- */

/* You define it: turns a batch into containers and artifacts. False refuses the batch. */
bool ks_parse(const ks_batch *batch, ks_output *out);

#ifdef __cplusplus
}
#endif

#endif
