# What `broker run --secure` adds to a node: listeners, a KDC and a token endpoint. Sourced by it.
# shellcheck shell=bash disable=SC2154 # dir, here, guard and the like are the broker's

# Where a KDC is, which only root's PATH has.
PATH=$PATH:/usr/sbin:/sbin

beside=()              # pids of what runs beside a secured node
declare -A listener=() # ports of the listeners of a secured node
kdc_port=
late_kdc_port=
token_port=
token_tls_port=

listeners=(SSL MTLS EXPIRED WRONG_NAME SASL SASL_SSL)

secure_listeners() {
  [ -n "$secure" ] || return 0
  local name
  for name in "${listeners[@]}"; do printf ',%s://localhost:%s' "$name" "${listener[$name]}"; done
}

secure_properties() {
  local s=$dir/security name prefix
  local krb5='com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true'
  cat <<PROPERTIES
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
allow.everyone.if.no.acl.found=true
ssl.keystore.type=PEM
ssl.keystore.location=$s/broker.store
ssl.truststore.type=PEM
ssl.truststore.location=$s/ca.pem
ssl.principal.mapping.rules=RULE:^CN=([^,]+).*\$/\$1/,DEFAULT
listener.name.mtls.ssl.client.auth=required
listener.name.expired.ssl.keystore.location=$s/expired.store
listener.name.expired.ssl.keystore.type=PEM
listener.name.wrong_name.ssl.keystore.location=$s/wrong-name.store
listener.name.wrong_name.ssl.keystore.type=PEM
listener.name.sasl.connections.max.reauth.ms=4000
PROPERTIES
  for name in sasl sasl_ssl; do
    prefix=listener.name.$name
    cat <<PROPERTIES
$prefix.sasl.enabled.mechanisms=GSSAPI,PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
$prefix.sasl.kerberos.service.name=kafka
$prefix.gssapi.sasl.jaas.config=$krb5 keyTab="$s/kafka.keytab" principal="kafka/localhost@LAB.TEST";
$prefix.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_app="app-secret";
$prefix.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
$prefix.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
$prefix.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ;
$prefix.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
$prefix.oauthbearer.sasl.oauthbearer.jwks.endpoint.url=file://$s/jwks.json
$prefix.oauthbearer.sasl.oauthbearer.expected.audience=kafka
$prefix.oauthbearer.sasl.oauthbearer.expected.issuer=kafka
PROPERTIES
  done
}

# What a secured node needs beside it; $dir/security is made anew.
start_beside() {
  local s=$dir/security
  need krb5kdc "MIT Kerberos' KDC (Debian: krb5-kdc)"
  need python3 'Python 3 (Debian: python3)'
  kdc_port=$(free_port) && taken+="$kdc_port "
  late_kdc_port=$(free_port)
  rm -rf "$s"
  "$here/security" "$s" "$kdc_port" "$late_kdc_port" || fail 'no certificates and no realm could be made (see above)'
  start_kdc "$kdc_port" ''
  start_kdc "$late_kdc_port" "$(late_clock)"
  mkfifo "$s/token-port"
  "${guard[@]}" python3 "$here/oidc.py" "$s" </dev/null >"$s/token-port" 9>&- &
  beside+=($!)
  read -r token_port token_tls_port <"$s/token-port"
  await_kdc "${beside[0]}" "$kdc_port"
  await_kdc "${beside[1]}" "$late_kdc_port"
}

start_kdc() { # port, library to load into it
  local s=$dir/security
  # The clock is read through the library; the database is the same.
  "${guard[@]}" env KRB5_CONFIG="$s/krb5.conf" KRB5_KDC_PROFILE="$s/kdc/$1.conf" LD_PRELOAD="$2" \
    FAKETIME=+1h krb5kdc -n -r LAB.TEST </dev/null >"$s/kdc/$1.out" 2>&1 9>&- &
  beside+=($!)
}

# Debian keeps libfaketime where only its own command looks.
late_clock() {
  local found=(/usr/lib/*/faketime/libfaketime.so.1)
  [ -e "${found[0]}" ] || fail 'libfaketime was not found: install it (Debian: faketime)'
  printf '%s' "${found[0]}"
}

await_kdc() { # pid, port
  local deadline=$((SECONDS + 20)) s=$dir/security
  while ! (: <"/dev/tcp/127.0.0.1/$2") 2>/dev/null; do
    if ! kill -0 "$1" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      cat "$s/kdc/$2.out" "$s/kdc/$2.log" >&2 || true
      fail "the KDC did not start on port $2"
    fi
    sleep 0.03
  done
}

end_beside() {
  local pid
  for pid in "${beside[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    { wait "$pid" || true; } 2>/dev/null
  done
  beside=()
}

announce_secure() {
  local name
  printf ' dir=%s token=http://127.0.0.1:%s/token token_tls=https://localhost:%s/token kdc_log=%s' \
    "$dir/security" "$token_port" "$token_tls_port" \
    "$dir/security/kdc/$kdc_port.log"
  for name in "${listeners[@]}"; do printf ' %s=%s' "${name,,}" "${listener[$name]}"; done
}
