/* The host of a test. See kafka_soar_testing.h. */

#ifndef __wasm__

#include "kafka_soar_testing.h"

#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* A column being filled: with `ends` and `nulls` for all items, whether they are needed or not. */
typedef struct column {
  ks_buffer bytes, ends, nulls;
  uint32_t count;
} column;

struct ks_test {
  char *topic, *settings;
  ks_instant started;
  ks_buffer partitions, offsets, timestamps, header_ends;
  column keys, values, header_names, header_values;
  ks_output *out;
  ks_buffer reasons; /* the rejections' reasons, terminated */
  ks_buffer log;
};

/* Of the parse that runs. */
static ks_test *current;

static char *copy(const char *string) {
  size_t size = strlen(string) + 1;
  return memcpy(ks_allocate(size), string, size);
}

ks_test *ks_test_new(const char *topic) {
  ks_test *test = ks_allocate(sizeof *test);
  *test = (ks_test){.topic = copy(topic), .settings = copy("{}")};
  return test;
}

static void free_out(ks_test *test) {
  if (test->out != NULL) ks_free_output(test->out);
  free(test->out);
  test->out = NULL;
}

static void free_column(column *of) {
  ks_free_buffer(&of->bytes);
  ks_free_buffer(&of->ends);
  ks_free_buffer(&of->nulls);
}

void ks_test_free(ks_test *test) {
  free_out(test);
  free(test->topic);
  free(test->settings);
  ks_free_buffer(&test->partitions);
  ks_free_buffer(&test->offsets);
  ks_free_buffer(&test->timestamps);
  ks_free_buffer(&test->header_ends);
  free_column(&test->keys);
  free_column(&test->values);
  free_column(&test->header_names);
  free_column(&test->header_values);
  ks_free_buffer(&test->reasons);
  ks_free_buffer(&test->log);
  free(test);
}

static void push(column *to, ks_bytes item) {
  uint32_t end;
  if (item.data == NULL) {
    ks_append(&to->nulls, &to->count, sizeof to->count);
  } else {
    ks_append(&to->bytes, item.data, item.size);
  }
  end = (uint32_t)to->bytes.size;
  ks_append(&to->ends, &end, sizeof end);
  to->count += 1;
}

ks_bytes ks_test_bytes(const char *string) { return (ks_bytes){(const uint8_t *)string, strlen(string)}; }

static void plain(ks_test *test, ks_bytes value) {
  int64_t offset = 0;
  for (size_t at = 0; at < test->partitions.size / sizeof(int32_t); at++) {
    if (((const int32_t *)test->partitions.data)[at] == 0) offset = ((const int64_t *)test->offsets.data)[at] + 1;
  }
  ks_test_record(test, &(ks_record){.offset = offset, .value = value});
}

void ks_test_value(ks_test *test, const char *value) { plain(test, ks_test_bytes(value)); }

void ks_test_tombstone(ks_test *test) { plain(test, (ks_bytes){NULL, 0}); }

void ks_test_record(ks_test *test, const ks_record *record) {
  int64_t timestamp = record->has_timestamp ? record->timestamp : -1;
  ks_append(&test->partitions, &record->partition, sizeof record->partition);
  ks_append(&test->offsets, &record->offset, sizeof record->offset);
  ks_append(&test->timestamps, &timestamp, sizeof timestamp);
  push(&test->keys, record->key);
  push(&test->values, record->value);
  for (size_t at = 0; at < record->header_count; at++) {
    push(&test->header_names, (ks_bytes){(const uint8_t *)record->headers[at].name.data, record->headers[at].name.size});
    push(&test->header_values, record->headers[at].value);
  }
  ks_append(&test->header_ends, &test->header_names.count, sizeof test->header_names.count);
}

void ks_test_settings(ks_test *test, const char *json) {
  free(test->settings);
  test->settings = copy(json);
}

void ks_test_started(ks_test *test, uint64_t unix_ms, int16_t utc_offset_minutes) {
  test->started = (ks_instant){unix_ms, utc_offset_minutes};
}

/* As the host makes it: without anything when every item is null. */
static ks_column as_the_host_does(const column *of) {
  size_t nulls = of->nulls.size / sizeof(uint32_t);
  if (nulls == of->count) return (ks_column){0};
  return (ks_column){
      .bytes = (const uint8_t *)of->bytes.data,
      .byte_count = of->bytes.size,
      .ends = (const uint32_t *)of->ends.data,
      .end_count = of->count,
      .nulls = (const uint32_t *)of->nulls.data,
      .null_count = nulls,
  };
}

ks_parsed ks_test_parse(ks_test *test) {
  size_t count = test->offsets.size / sizeof(int64_t);
  ks_batch batch = {
      .topic = test->topic,
      .topic_size = strlen(test->topic),
      .partitions = (const int32_t *)test->partitions.data,
      .partition_count = count,
      .offsets = (const int64_t *)test->offsets.data,
      .offset_count = count,
      .timestamps = (const int64_t *)test->timestamps.data,
      .timestamp_count = count,
      .keys = as_the_host_does(&test->keys),
      .values = as_the_host_does(&test->values),
      .header_names = as_the_host_does(&test->header_names),
      .header_values = as_the_host_does(&test->header_values),
  };
  if (test->header_names.count > 0) {
    batch.header_ends = (const uint32_t *)test->header_ends.data;
    batch.header_end_count = count;
  }
  free_out(test);
  test->out = ks_allocate(sizeof *test->out);
  *test->out = (ks_output){0};
  test->log.size = 0;
  test->reasons.size = 0;
  current = test;
  bool parsed = ks_run(&batch, test->out);
  current = NULL;
  ks_output *out = test->out;
  ks_append_byte(&test->log, 0);
  ks_append_byte(&out->text, 0);
  const ks_rejection *rejections = (const ks_rejection *)out->rejected.data;
  size_t rejected = out->rejected.size / sizeof *rejections;
  for (size_t at = 0; at < rejected; at++) {
    ks_append(&test->reasons, rejections[at].reason, rejections[at].reason_size);
    ks_append_byte(&test->reasons, 0);
  }
  if (!parsed) {
    ks_buffer reason = {0};
    ks_append(&reason, out->reason.data, out->reason.size);
    ks_append_byte(&reason, 0);
    ks_text kept = ks_keep(out, (ks_text){reason.data, reason.size});
    ks_free_buffer(&reason);
    return (ks_parsed){.refused = true, .reason = kept.data, .text = "", .log = test->log.data};
  }
  return (ks_parsed){
      .text = out->text.data,
      .size = out->text.size - 1,
      .log = test->log.data,
      .sources = (const uint32_t *)out->sources.data,
      .source_count = out->sources.size / sizeof(uint32_t),
      .rejected = rejected,
  };
}

const char *ks_test_reason(ks_test *test, uint32_t index) {
  if (test->out == NULL) return NULL;
  const ks_rejection *rejections = (const ks_rejection *)test->out->rejected.data;
  const char *reason = test->reasons.data;
  for (size_t at = 0; at < test->out->rejected.size / sizeof *rejections; at++) {
    if (rejections[at].index == index) return reason;
    reason += strlen(reason) + 1;
  }
  return NULL;
}

/* ---- the host ----------------------------------------------------------------------------- */

ks_text ks_host_settings(void) { return ks_string(current == NULL ? "{}" : current->settings); }

ks_instant ks_host_started(void) { return current == NULL ? (ks_instant){0, 0} : current->started; }

void ks_host_log(ks_level level, ks_text line) {
  static const char *const names[] = {"debug: ", "info: ", "warn: ", "error: "};
  if (current == NULL) return;
  ks_append_string(&current->log, names[level]);
  ks_append(&current->log, line.data, line.size);
  ks_append_byte(&current->log, '\n');
}

#else

/* An empty file isn't C. */
typedef int ks_only_natively;

#endif
