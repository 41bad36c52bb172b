/* The members of a container's or an artifact's body. */

#include "internal.h"

#include <string.h>

/* SOAR's names, of which each stands in a body once. */
static const char *const MEMBERS[] = {
    "name",     "label",      "description", "severity", "sensitivity", "status",         "tags",     "custom_fields",
    "data",     "start_time", "end_time",    "due_time", "kill_chain",  "run_automation", "owner_id", "source_data_identifier",
    "cef",      "cef_types",  "type",
};

static uint32_t bit_of(const char *name) {
  for (size_t at = 0; at < sizeof MEMBERS / sizeof *MEMBERS; at++) {
    if (strcmp(MEMBERS[at], name) == 0) return UINT32_C(1) << at;
  }
  return 0;
}

bool ks_once(ks_output *out, const char *name) {
  uint32_t bit = bit_of(name);
  if ((out->seen & bit) != 0) {
    ks_bug(out, "it sets `%s` twice", name);
    return false;
  }
  out->seen |= bit;
  return true;
}

bool ks_has_run_automation(const ks_output *out) { return (out->seen & bit_of("run_automation")) != 0; }

ks_json *ks_fields(ks_output *out) { return &out->body; }

ks_json *ks_cef(ks_output *out) {
  if (!out->has_cef) {
    ks_begin_json(&out->cef, out, false);
    if (out->pending != KS_ARTIFACT) {
      ks_bug(out, "it sets `cef` before it opens an artifact");
    } else if (ks_once(out, "cef")) {
      if (out->body.depth > 0) ks_bug(out, "it sets `cef` inside of an open object or list");
      out->has_cef = true;
      out->cef_at = out->body.text.size;
    }
  }
  return &out->cef;
}

static void put_string(ks_output *out, const char *name, const char *string) {
  ks_put_text(&out->body, name, ks_string(string));
}

void ks_name(ks_output *out, ks_text name) { ks_put_text(&out->body, "name", name); }

void ks_label(ks_output *out, ks_text label) { ks_put_text(&out->body, "label", label); }

void ks_description(ks_output *out, ks_text description) { ks_put_text(&out->body, "description", description); }

void ks_severity(ks_output *out, const char *severity) { put_string(out, "severity", severity); }

void ks_sensitivity(ks_output *out, const char *sensitivity) { put_string(out, "sensitivity", sensitivity); }

void ks_status(ks_output *out, const char *status) { put_string(out, "status", status); }

void ks_type(ks_output *out, const char *type) { put_string(out, "type", type); }

void ks_kill_chain(ks_output *out, ks_text phase) { ks_put_text(&out->body, "kill_chain", phase); }

void ks_tags(ks_output *out, const ks_text *tags, size_t count) {
  ks_open_list(&out->body, "tags");
  for (size_t at = 0; at < count; at++) ks_put_text(&out->body, NULL, tags[at]);
  ks_close(&out->body);
}

void ks_owner(ks_output *out, ks_text name) { ks_put_text(&out->body, "owner_id", name); }

void ks_owner_id(ks_output *out, int64_t number) { ks_put_int(&out->body, "owner_id", number); }

void ks_run_automation(ks_output *out, bool run) { ks_put_bool(&out->body, "run_automation", run); }

void ks_source_data_identifier(ks_output *out, ks_text identifier) {
  ks_put_text(&out->body, "source_data_identifier", identifier);
}

static void put_time(ks_output *out, const char *name, int64_t unix_ms) {
  if (unix_ms == KS_NO_TIME) return;
  ks_buffer text = {0};
  ks_append_time(&text, unix_ms);
  ks_put_text(&out->body, name, (ks_text){text.data, text.size});
  ks_free_buffer(&text);
}

void ks_start_time(ks_output *out, int64_t unix_ms) { put_time(out, "start_time", unix_ms); }

void ks_end_time(ks_output *out, int64_t unix_ms) { put_time(out, "end_time", unix_ms); }

void ks_due_time(ks_output *out, int64_t unix_ms) { put_time(out, "due_time", unix_ms); }
