/* What a parser writes: the JSON text of the contract, where each artifact came from, and what was
 * rejected. */

#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Stands in `sources` for an artifact that isn't of one message. */
#define NO_SOURCE UINT32_MAX

/* ---- reasons ------------------------------------------------------------------------------ */

ks_text ks_keep(ks_output *out, ks_text text) {
  ks_note *note = ks_allocate(sizeof *note + text.size);
  if (text.size > 0) memcpy(note->text, text.data, text.size);
  note->next = out->notes;
  out->notes = note;
  return (ks_text){note->text, text.size};
}

static ks_text format_list(ks_output *out, const char *format, va_list arguments) {
  ks_buffer text = {0};
  ks_append_format(&text, format, arguments);
  ks_text kept = ks_keep(out, (ks_text){text.data, text.size});
  ks_free_buffer(&text);
  return kept;
}

ks_text ks_format(ks_output *out, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  ks_text text = format_list(out, format, arguments);
  va_end(arguments);
  return text;
}

/* As ks_format, and surely UTF-8: the reason may quote anything. */
static ks_text reason_of(ks_output *out, const char *format, va_list arguments) {
  ks_text reason = format_list(out, format, arguments);
  ks_make_valid(out->notes->text, reason.size);
  return reason;
}

bool ks_reject(ks_output *out, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!out->failed && !out->refused) out->reason = reason_of(out, format, arguments);
  va_end(arguments);
  return false;
}

bool ks_refuse(ks_output *out, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!out->refused) out->reason = reason_of(out, format, arguments);
  out->refused = true;
  va_end(arguments);
  return false;
}

void ks_fail(ks_output *out, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!out->failed && !out->refused) out->reason = reason_of(out, format, arguments);
  out->failed = true;
  va_end(arguments);
}

void ks_bug(ks_output *out, const char *format, ...) {
  if (out->bug.size > 0) return;
  va_list arguments;
  va_start(arguments, format);
  ks_text what = reason_of(out, format, arguments);
  va_end(arguments);
  out->bug = ks_format(out, "the parser has a bug: %.*s", KS_ARG(what));
}

void ks_add_rejection(ks_output *out, uint32_t index, ks_text reason) {
  ks_rejection rejection = {index, reason.data, reason.size};
  ks_append(&out->rejected, &rejection, sizeof rejection);
}

void ks_reject_message(ks_output *out, const ks_message *message, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  ks_add_rejection(out, message->index, reason_of(out, format, arguments));
  va_end(arguments);
}

/* ---- containers and artifacts ------------------------------------------------------------- */

static void begin_body(ks_output *out, ks_pending pending) {
  out->pending = pending;
  out->seen = 0;
  out->has_cef = false;
  ks_begin_json(&out->body, out, true);
}

void ks_flush(ks_output *out) {
  if (out->pending == KS_NOTHING) return;
  ks_buffer *text = &out->text, *body = &out->body.text;
  if (out->body.depth > 0 || (out->has_cef && out->cef.depth > 0)) ks_bug(out, "it leaves an object or a list open");
  if (out->has_cef) {
    ks_append(text, body->data, out->cef_at);
    if (out->cef_at > 1) ks_append_byte(text, ',');
    ks_append_string(text, "\"cef\":");
    ks_append(text, out->cef.text.data, out->cef.text.size);
    ks_append_byte(text, '}');
    if (body->size > out->cef_at && body->data[out->cef_at] != ',') ks_append_byte(text, ',');
    ks_append(text, body->data + out->cef_at, body->size - out->cef_at);
  } else {
    ks_append(text, body->data, body->size);
  }
  if (out->pending == KS_CONTAINER) {
    ks_append_string(text, "},\"artifacts\":[");
  } else if (ks_has_run_automation(out)) {
    ks_append_byte(text, '}');
  } else {
    out->place.unfinished = true;
  }
  out->pending = KS_NOTHING;
  out->has_cef = false;
}

/* Writes the end of the last artifact, now that it is known whether it is the container's last. */
static void finish_artifact(ks_output *out, bool last) {
  ks_flush(out);
  if (!out->place.unfinished) return;
  if (!last) {
    if (out->text.data[out->text.size - 1] != '{') ks_append_byte(&out->text, ',');
    ks_append_string(&out->text, "\"run_automation\":false");
  }
  ks_append_byte(&out->text, '}');
  out->place.unfinished = false;
}

static void close_container(ks_output *out) {
  finish_artifact(out, true);
  if (!out->place.in_container) return;
  ks_append_string(&out->text, "]}");
  if (out->place.skip_if_empty && out->place.artifacts == 0) {
    /* Cut out at the end only: a rejection may go back to before this. */
    ks_range hole = {out->place.container_start, out->text.size};
    ks_append(&out->holes, &hole, sizeof hole);
  }
  out->place.in_container = false;
}

void ks_container(ks_output *out, ks_text name) {
  close_container(out);
  out->place = (ks_place){.in_container = true, .container_start = out->text.size};
  ks_append_string(&out->text, ",{\"container\":");
  begin_body(out, KS_CONTAINER);
  ks_name(out, name);
}

void ks_skip_if_empty(ks_output *out) { out->place.skip_if_empty = true; }

void ks_artifact(ks_output *out, const ks_message *message) {
  if (!out->place.in_container) ks_bug(out, "it adds an artifact before it opens a container");
  finish_artifact(out, false);
  if (out->place.artifacts > 0) ks_append_byte(&out->text, ',');
  out->place.artifacts += 1;
  uint32_t source = message == NULL ? NO_SOURCE : message->index;
  ks_append(&out->sources, &source, sizeof source);
  begin_body(out, KS_ARTIFACT);
}

/* ---- going back --------------------------------------------------------------------------- */

ks_mark ks_mark_here(ks_output *out) {
  ks_flush(out);
  return (ks_mark){out->text.size, out->holes.size, out->sources.size, out->place};
}

void ks_take_back(ks_output *out, ks_mark mark) {
  out->text.size = mark.text;
  out->holes.size = mark.holes;
  out->sources.size = mark.sources;
  out->place = mark.place;
  out->pending = KS_NOTHING;
  out->has_cef = false;
}

/* ---- the end ------------------------------------------------------------------------------ */

static void cut_holes(ks_output *out) {
  const ks_range *holes = (const ks_range *)out->holes.data;
  size_t count = out->holes.size / sizeof *holes, to = count > 0 ? holes[0].start : out->text.size;
  for (size_t at = 0; at < count; at++) {
    size_t end = at + 1 < count ? holes[at + 1].start : out->text.size;
    memmove(out->text.data + to, out->text.data + holes[at].end, end - holes[at].end);
    to += end - holes[at].end;
  }
  out->text.size = to;
}

/* By index; of those with the same, which qsort may swap, the one that came first. */
static int by_index(const void *one, const void *other) {
  const ks_rejection *a = *(const ks_rejection *const *)one, *b = *(const ks_rejection *const *)other;
  if (a->index != b->index) return a->index < b->index ? -1 : 1;
  return a < b ? -1 : a > b;
}

/* Ascending, and each index once with its first reason. */
static void sort_rejections(ks_output *out) {
  const ks_rejection *given = (const ks_rejection *)out->rejected.data;
  size_t count = out->rejected.size / sizeof *given;
  if (count == 0) return;
  const ks_rejection **order = ks_allocate(count * sizeof *order);
  for (size_t at = 0; at < count; at++) order[at] = &given[at];
  qsort(order, count, sizeof *order, by_index);
  ks_buffer sorted = {0};
  for (size_t at = 0; at < count; at++) {
    if (at == 0 || order[at]->index != order[at - 1]->index) ks_append(&sorted, order[at], sizeof **order);
  }
  free(order);
  ks_free_buffer(&out->rejected);
  out->rejected = sorted;
}

static bool is_rejected(const ks_output *out, uint32_t index) {
  const ks_rejection *all = (const ks_rejection *)out->rejected.data;
  size_t low = 0, high = out->rejected.size / sizeof *all;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (all[middle].index == index) return true;
    if (all[middle].index < index) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

static void check_sources(ks_output *out) {
  const uint32_t *sources = (const uint32_t *)out->sources.data;
  size_t count = out->sources.size / sizeof *sources;
  bool traced = true;
  for (size_t at = 0; at < count; at++) {
    if (sources[at] == NO_SOURCE) {
      traced = false;
    } else if (is_rejected(out, sources[at])) {
      ks_bug(out, "it rejects message %u of the batch and makes an artifact of it", (unsigned)sources[at]);
    }
  }
  if (!traced) out->sources.size = 0;
}

bool ks_run(const ks_batch *batch, ks_output *out) {
  ks_begin_json(&out->body, out, true);
  if (!ks_parse(batch, out)) {
    out->refused = true;
    if (out->reason.size == 0) out->reason = ks_string("the parser gives no reason");
  }
  close_container(out);
  sort_rejections(out);
  check_sources(out);
  if (out->bug.size > 0) out->reason = out->bug;
  if (out->refused || out->failed || out->bug.size > 0) return false;
  cut_holes(out);
  if (out->text.size > 0) {
    out->text.data[0] = '[';
    ks_append_byte(&out->text, ']');
  }
  return true;
}

void ks_free_output(ks_output *out) {
  ks_free_buffer(&out->text);
  ks_free_buffer(&out->body.text);
  ks_free_buffer(&out->cef.text);
  ks_free_buffer(&out->holes);
  ks_free_buffer(&out->sources);
  ks_free_buffer(&out->rejected);
  while (out->notes != NULL) {
    ks_note *next = out->notes->next;
    free(out->notes);
    out->notes = next;
  }
}
