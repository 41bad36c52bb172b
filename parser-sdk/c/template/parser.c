/* The parser {{name}}: a container for each message, named by its first line. */
#include "kafka_soar.h"

static bool greet(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  ks_text text;
  if (!ks_message_text(message, out, &text)) return false;
  ks_container(out, ks_first(ks_line(text), 100));
  ks_artifact(out, message);
  ks_put_text(ks_cef(out), "message", text);
  return true;
}

bool ks_parse(const ks_batch *batch, ks_output *out) {
  return ks_each(batch, out, greet, NULL);
}
