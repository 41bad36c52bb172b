/* Running a parser natively, in a test: compile the SDK's files, your parser and the test for your own
 * machine, with -fsanitize=address,undefined.
 *
 *     ks_test *test = ks_test_new("topic");
 *     ks_test_value(test, "hi");
 *     ks_test_tombstone(test);
 *     ks_parsed parsed = ks_test_parse(test);
 *     // parsed.text is the JSON text of containers and artifacts
 *     // ks_test_reason(test, 1) is "the message has no value (a tombstone)"
 *     ks_test_free(test);
 */

#ifndef KAFKA_SOAR_TESTING_H
#define KAFKA_SOAR_TESTING_H

#include "kafka_soar.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ks_test ks_test;

/* A Kafka record to give to the parser. */
typedef struct ks_record {
  int32_t partition;
  int64_t offset;
  bool has_timestamp;
  int64_t timestamp; /* ms since the Unix epoch */
  ks_bytes key, value;
  const ks_header *headers;
  size_t header_count;
} ks_record;

/* What a parser made of a batch. All of it lives until the test's next parse or its end. */
typedef struct ks_parsed {
  bool refused;         /* the whole batch; then there is nothing but the reason */
  const char *reason;   /* of the refusal */
  const char *text;     /* the JSON text as the host gets it; empty when there is no container */
  size_t size;          /* of the text */
  const char *log;      /* lines that the parser wrote, each as `info: text` with a line end */
  const uint32_t *sources; /* for each artifact the index of its message */
  size_t source_count;     /* 0 when the parser doesn't tell */
  size_t rejected;         /* how many messages are: see ks_test_reason */
} ks_parsed;

/* Begins a batch of messages of a topic. */
ks_test *ks_test_new(const char *topic);
void ks_test_free(ks_test *test);

/* Adds a message with this value to partition 0, without key, timestamp or headers. */
void ks_test_value(ks_test *test, const char *value);

/* Adds a message without a value to partition 0. */
void ks_test_tombstone(ks_test *test);

/* Adds a record; what it points to is copied. */
void ks_test_record(ks_test *test, const ks_record *record);

/* Bytes of a C string, for records. */
ks_bytes ks_test_bytes(const char *string);

/* Sets the asset's settings; `{}` otherwise. */
void ks_test_settings(ks_test *test, const char *json);

/* Sets when the poll began; 1970 in UTC otherwise. */
void ks_test_started(ks_test *test, uint64_t unix_ms, int16_t utc_offset_minutes);

/* Runs ks_parse. */
ks_parsed ks_test_parse(ks_test *test);

/* Why a message was rejected, by its index in the batch; NULL when it wasn't. */
const char *ks_test_reason(ks_test *test, uint32_t index);

#ifdef __cplusplus
}
#endif

#endif
