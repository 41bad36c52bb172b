/* The log and the clock. */

#include "internal.h"

ks_instant ks_poll_started(void) { return ks_host_started(); }

void ks_log(ks_level level, const char *format, ...) {
  ks_buffer line = {0};
  va_list arguments;
  va_start(arguments, format);
  ks_append_format(&line, format, arguments);
  va_end(arguments);
  /* The contract's text is UTF-8: a line that quotes something else would trap. */
  ks_make_valid(line.data, line.size);
  ks_host_log(level, (ks_text){line.data, line.size});
  ks_free_buffer(&line);
}
