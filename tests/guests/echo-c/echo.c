/* Echo in C: see tests/cases/contract/README.md. */

#include <stdlib.h>

#include "kafka_soar.h"

typedef struct known {
  ks_text note;
  ks_instant started;
} known;

static bool echo(const ks_message *message, ks_output *out, void *context) {
  const known *known = context;
  ks_text text, line;
  if (!ks_message_text(message, out, &text)) return false;
  if (ks_equal(text, ks_string("!refuse"))) return ks_refuse(out, "refused as asked");
  if (ks_equal(text, ks_string("!trap"))) abort();
  if (ks_begins(text, "!log ", &line)) ks_log(KS_INFO, "%.*s", KS_ARG(line));

  ks_container(out, ks_format(out, "%.*s/%d/%lld", KS_ARG(ks_topic(message->batch)), (int)message->partition,
                              (long long)message->offset));
  ks_description(out, known->note);
  ks_start_time(out, message->timestamp);
  ks_artifact(out, message);
  ks_name(out, ks_string("echo"));
  ks_json *cef = ks_cef(out);
  ks_put_base64(cef, "key", message->key);
  ks_put_text(cef, "message", text);
  ks_open_list(cef, "headers");
  for (uint32_t at = 0; at < message->headers; at++) {
    ks_header header = ks_message_header(message, at);
    ks_open_list(cef, NULL);
    ks_put_text(cef, NULL, header.name);
    ks_put_base64(cef, NULL, header.value);
    ks_close(cef);
  }
  ks_close(cef);
  ks_put_int(cef, "poll", (int64_t)known->started.unix_ms);
  ks_put_int(cef, "offset_minutes", known->started.utc_offset_minutes);
  return true;
}

bool ks_parse(const ks_batch *batch, ks_output *out) {
  known known = {.note = {"", 0}, .started = ks_poll_started()};
  ks_setting_text(out, "note", &known.note);
  return ks_each(batch, out, echo, &known);
}
