/* The parser as a component: the imports and the export of the contract's world, by the names and
 * layouts of the canonical ABI (wit/v1/parser.wit, version 1.0.0). */

#ifdef __wasm__

#include "internal.h"

#include <stdlib.h>

#define IMPORT(interface, function) \
  __attribute__((import_module("kafka-soar:parser/" interface "@1.0.0"), import_name(function)))

/* A list or a string. */
typedef struct list {
  const void *data;
  size_t count;
} list;

IMPORT("settings", "get") void import_settings_get(list *text);
IMPORT("poll", "started") void import_poll_started(ks_instant *instant);
IMPORT("log", "write") void import_log_write(uint32_t level, const char *text, size_t size);

_Static_assert(sizeof(ks_batch) == 34 * sizeof(uint32_t), "17 lists");
_Static_assert(offsetof(ks_instant, utc_offset_minutes) == 8, "behind a u64");
_Static_assert(sizeof(ks_rejection) == 12, "a u32 and a string");

ks_text ks_host_settings(void) {
  static list text;
  if (text.data == NULL) import_settings_get(&text);
  return (ks_text){text.data, text.count};
}

ks_instant ks_host_started(void) {
  ks_instant instant;
  import_poll_started(&instant);
  return instant;
}

void ks_host_log(ks_level level, ks_text line) { import_log_write(level, line.data, line.size); }

/* Where the host puts what it hands over. Nothing is ever given back: every batch meets a fresh
 * instance. */
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size;
  /* An empty list has an address too, and no memory. */
  if (size == 0) return (void *)align;
  /* malloc aligns to 8 at least, and nothing in the contract needs more. */
  void *new = realloc(old, size);
  if (new == NULL) abort();
  return new;
}

/* `result<parsed, string>`. */
typedef struct outcome {
  uint32_t is_refused;
  list first; /* the reason, or `ingests` */
  list sources, rejections;
} outcome;

__attribute__((export_name("kafka-soar:parser/message-parser@1.0.0#parse-messages"))) outcome *
export_parse_messages(const ks_batch *batch) {
  static ks_output out;
  static outcome outcome;
  if (ks_run(batch, &out)) {
    outcome.first = (list){out.text.data, out.text.size};
    outcome.sources = (list){out.sources.data, out.sources.size / sizeof(uint32_t)};
    outcome.rejections = (list){out.rejected.data, out.rejected.size / sizeof(ks_rejection)};
  } else {
    outcome.is_refused = 1;
    outcome.first = (list){out.reason.data, out.reason.size};
  }
  return &outcome;
}

#else

/* An empty file isn't C. */
typedef int ks_only_in_a_component;

#endif
