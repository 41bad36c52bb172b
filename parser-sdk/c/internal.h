/* What the SDK's files share. Not for parsers. */

#ifndef KAFKA_SOAR_INTERNAL_H
#define KAFKA_SOAR_INTERNAL_H

#include "kafka_soar.h"

/* ---- memory ------------------------------------------------------------------------------- */

typedef struct ks_buffer {
  char *data;
  size_t size, capacity;
} ks_buffer;

/* Makes room for `more` bytes and returns where they go. */
char *ks_reserve(ks_buffer *buffer, size_t more);
void ks_append(ks_buffer *buffer, const void *data, size_t size);
void ks_append_string(ks_buffer *buffer, const char *string);
void ks_append_byte(ks_buffer *buffer, char byte);
void ks_free_buffer(ks_buffer *buffer);

/* Like malloc; traps when there is no memory. */
void *ks_allocate(size_t size);

/* Formats at the end of a buffer. */
void ks_append_format(ks_buffer *buffer, const char *format, va_list arguments);

/* ---- text --------------------------------------------------------------------------------- */

/* How many of the bytes are UTF-8: `size`, or where the first sequence that isn't begins. */
size_t ks_valid_up_to(const uint8_t *data, size_t size);

/* Puts a question mark in the place of every byte that isn't of UTF-8 text. */
void ks_make_valid(char *data, size_t size);

/* Appends a JSON string with its quotes. */
void ks_append_json_string(ks_buffer *buffer, ks_text text);

/* Appends `2023-11-14T22:13:20.123Z`. */
void ks_append_time(ks_buffer *buffer, int64_t unix_ms);

/* ---- a batch, laid out as the canonical ABI does in 32 bits -------------------------------- */

typedef struct ks_column {
  const uint8_t *bytes;
  size_t byte_count;
  const uint32_t *ends;
  size_t end_count;
  const uint32_t *nulls;
  size_t null_count;
} ks_column;

struct ks_batch {
  const char *topic;
  size_t topic_size;
  const int32_t *partitions;
  size_t partition_count;
  const int64_t *offsets;
  size_t offset_count;
  const int64_t *timestamps;
  size_t timestamp_count;
  ks_column keys, values;
  const uint32_t *header_ends;
  size_t header_end_count;
  ks_column header_names, header_values;
};

/* ---- the output --------------------------------------------------------------------------- */

/* A JSON object being written into a buffer of its own, which begins with its brace. */
struct ks_json {
  ks_output *out;
  ks_buffer text;
  uint64_t lists; /* a bit for each open level below the object: whether it is a list */
  unsigned depth; /* open levels below the object */
  bool is_body;   /* its names are SOAR's members, of which each is written once */
};

typedef struct ks_rejection {
  uint32_t index;
  const char *reason;
  size_t reason_size;
} ks_rejection;

/* Text that lives as long as the output. */
typedef struct ks_note {
  struct ks_note *next;
  char text[];
} ks_note;

/* Where in the text the next byte goes. */
typedef struct ks_place {
  bool in_container, skip_if_empty;
  bool unfinished; /* the last artifact lacks its end: only then is known whether it is the last */
  size_t container_start;
  uint32_t artifacts; /* of the open container */
} ks_place;

typedef enum ks_pending { KS_NOTHING, KS_CONTAINER, KS_ARTIFACT } ks_pending;

typedef struct ks_range {
  size_t start, end;
} ks_range;

struct ks_output {
  ks_buffer text; /* entries, each with a comma in front */
  ks_place place;
  ks_pending pending; /* what `body` is */
  ks_json body, cef;
  bool has_cef;
  size_t cef_at;       /* where in `body` the CEF fields go */
  uint32_t seen;       /* members that the body has: bits by the table in body.c */
  ks_buffer holes;     /* ks_range: containers to be left out */
  ks_buffer sources;   /* uint32_t */
  ks_buffer rejected;  /* ks_rejection */
  ks_note *notes;
  ks_text reason;      /* of ks_reject, ks_refuse or a value that can't be written */
  bool failed;         /* a value can't be written */
  bool refused;
  ks_text bug;         /* a call that makes no sense: no message is to blame */
};

void ks_bug(ks_output *out, const char *format, ...) KS_PRINTF(2, 3);

/* Notes that a value can't be written. */
void ks_fail(ks_output *out, const char *format, ...) KS_PRINTF(2, 3);

/* A copy that lives as long as the output. */
ks_text ks_keep(ks_output *out, ks_text text);

/* Writes a pending container or artifact to the text. */
void ks_flush(ks_output *out);

/* Notes a member of the body; false, and a bug, when it is there. */
bool ks_once(ks_output *out, const char *name);
bool ks_has_run_automation(const ks_output *out);

/* An object begins. */
void ks_begin_json(ks_json *json, ks_output *out, bool is_body);

void ks_add_rejection(ks_output *out, uint32_t index, ks_text reason);

/* A state to go back to. */
typedef struct ks_mark {
  size_t text, holes, sources;
  ks_place place;
} ks_mark;

ks_mark ks_mark_here(ks_output *out);
void ks_take_back(ks_output *out, ks_mark mark);

/* Runs ks_parse; true, with the output complete, or false with the reason of the refusal in `reason`. */
bool ks_run(const ks_batch *batch, ks_output *out);
void ks_free_output(ks_output *out);

/* ---- the host: component.c, or testing.c --------------------------------------------------- */

ks_text ks_host_settings(void);
ks_instant ks_host_started(void);
void ks_host_log(ks_level level, ks_text line);

#endif
