//! The fields that say what protects the connection: the original's `use_ssl` and `use_kerberos`,
//! and those that are named as Kafka's settings are, with underscores.

use std::path::Path;

use url::Url;

use super::{
    ClientCredentials, Kerberos, Keytab, Login, OAuthBearer, Sasl, Security, Tls, check::Checks,
    files, raw::Given,
};
use crate::model::text::shorten;

const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
const GSSAPI: &str = "GSSAPI";
const PLAIN: &str = "PLAIN";
const SCRAM_256: &str = "SCRAM-SHA-256";
const SCRAM_512: &str = "SCRAM-SHA-512";
const OAUTHBEARER: &str = "OAUTHBEARER";
const MECHANISMS: [&str; 5] = [GSSAPI, PLAIN, SCRAM_256, SCRAM_512, OAUTHBEARER];

/// Which mechanisms a field belongs to, by the field's beginning.
const BELONGS: [(&str, &[&str]); 5] = [
    ("sasl_username", &[PLAIN, SCRAM_256, SCRAM_512]),
    ("sasl_password", &[PLAIN, SCRAM_256, SCRAM_512]),
    ("sasl_kerberos_", &[GSSAPI]),
    ("sasl_oauthbearer_", &[OAUTHBEARER]),
    ("https_ca_cert", &[OAUTHBEARER]),
];

const MAX_KEYTAB_BYTES: u64 = 1 << 20;

impl Checks<'_> {
    pub(super) fn security(&mut self) -> Security {
        let use_ssl = self.flag("use_ssl");
        let kerberos = self.flag("use_kerberos");
        let protocol = self.one_of("security_protocol", &PROTOCOLS);
        let mechanism = self.one_of("sasl_mechanism", &MECHANISMS);
        let faulty = protocol == Given::Faulty || mechanism == Given::Faulty;
        let (protocol, mechanism) = (protocol.value(), mechanism.value());

        if kerberos && mechanism.is_some_and(|mechanism| mechanism != GSSAPI) {
            let problem = format!("{} contradicts use_kerberos", mechanism.unwrap_or_default());
            self.fault(
                "sasl_mechanism",
                problem,
                "choose GSSAPI, or untick use_kerberos",
            );
        }
        let mechanism = mechanism.or(kerberos.then_some(GSSAPI));
        let (tls, sasl) = match protocol {
            None => (use_ssl, mechanism.is_some()),
            Some(protocol) => self.agree(protocol, use_ssl, mechanism, faulty),
        };
        if !faulty && (mechanism.is_some() || !sasl) {
            self.strangers(mechanism);
        }
        // Without TLS its fields don't matter: the form keeps them when a person unticks it.
        let tls = tls.then(|| {
            self.tls(use_ssl && protocol.is_none() && mechanism.is_none_or(|m| m == GSSAPI))
        });
        let sasl = mechanism
            .filter(|_| sasl)
            .and_then(|mechanism| self.sasl(mechanism));
        if tls.is_none() && matches!(sasl, Some(Sasl::Plain(_) | Sasl::OAuthBearer(_))) {
            tracing::warn!(
                "security_protocol is SASL_PLAINTEXT: whoever can listen on the network learns \
                 this client's password or token; SASL_SSL hides it"
            );
        }
        Security { tls, sasl }
    }

    /// Whether `security_protocol` asks for TLS and for SASL, and the other fields agree.
    fn agree(
        &mut self,
        protocol: &str,
        use_ssl: bool,
        mechanism: Option<&str>,
        faulty: bool,
    ) -> (bool, bool) {
        const FIELD: &str = "security_protocol";
        let (tls, sasl) = (protocol.ends_with("SSL"), protocol.starts_with("SASL"));
        if use_ssl && !tls {
            let problem = format!("{protocol} contradicts use_ssl");
            self.fault(FIELD, problem, "choose SSL or SASL_SSL, or untick use_ssl");
        }
        match mechanism {
            Some(mechanism) if !sasl => self.fault(
                FIELD,
                format!("{protocol} has no SASL, but use_kerberos or sasl_mechanism asks for {mechanism}"),
                "choose SASL_PLAINTEXT or SASL_SSL, or leave the other field out",
            ),
            None if sasl && !faulty => self.fault(
                "sasl_mechanism",
                format!("this field is required with {protocol}"),
                format!("choose one of {}", MECHANISMS.join(", ")),
            ),
            _ => {}
        }
        (tls, sasl)
    }

    /// Reports fields of mechanisms that are not in use: who fills in a password believes that
    /// it is asked for.
    fn strangers(&mut self, mechanism: Option<&str>) {
        let given: Vec<&str> = self.form.given().collect();
        for field in given {
            let Some((_, mechanisms)) = BELONGS.iter().find(|(begin, _)| field.starts_with(begin))
            else {
                continue;
            };
            if mechanism.is_some_and(|mechanism| mechanisms.contains(&mechanism)) {
                continue;
            }
            let problem = match mechanism {
                Some(mechanism) => format!(
                    "it belongs to {}, but the mechanism is {mechanism}",
                    mechanisms.join(", ")
                ),
                None => format!(
                    "it belongs to {}, but neither sasl_mechanism nor use_kerberos asks for one",
                    mechanisms.join(", ")
                ),
            };
            // It may be no field of ours, but begin like one.
            let field = shorten(field, 60);
            self.fault(
                &field,
                problem,
                "leave it out, or choose its sasl_mechanism",
            );
        }
    }

    /// `files_needed` keeps the original's rule for `use_ssl`; elsewhere the system's authorities
    /// are enough.
    fn tls(&mut self, files_needed: bool) -> Tls {
        let before = self.faults.len();
        let tls = Tls {
            ca: self.certificates("ca_cert"),
            identity: self.identity(),
            any_hostname: self.any_hostname(),
        };
        let nothing = tls.ca.is_none() && tls.identity.is_none();
        if files_needed && nothing && self.faults.len() == before {
            self.fault(
                "use_ssl",
                "To use SSL, at least one of cert_file, key_file, or ca_cert asset \
                 configuration parameters must be filled out",
                "give ca_cert, the file with the authority that signed the brokers' \
                 certificates; to trust the system's authorities choose security_protocol SSL",
            );
        }
        tls
    }

    fn any_hostname(&mut self) -> bool {
        const FIELD: &str = "ssl_endpoint_identification_algorithm";
        let any = self.one_of(FIELD, &["https", "none"]).value() == Some("none");
        if any {
            tracing::warn!(
                "{FIELD} is none: whoever has a certificate from a trusted authority can pose as \
                 a broker"
            );
        }
        any
    }

    fn sasl(&mut self, mechanism: &'static str) -> Option<Sasl> {
        match mechanism {
            GSSAPI => self.kerberos().map(Sasl::Gssapi),
            PLAIN => self.login(mechanism).map(Sasl::Plain),
            SCRAM_256 => self.login(mechanism).map(Sasl::ScramSha256),
            SCRAM_512 => self.login(mechanism).map(Sasl::ScramSha512),
            _ => self.oauth().map(Sasl::OAuthBearer),
        }
    }

    fn login(&mut self, mechanism: &str) -> Option<Login> {
        let with = format!("with {mechanism}");
        let username = self.text("sasl_username");
        let username = self.required_with("sasl_username", username, &with, "name the user");
        let password = self.required_secret("sasl_password", &with);
        Some(Login {
            username: username?.to_owned(),
            password: password?,
        })
    }

    fn kerberos(&mut self) -> Option<Kerberos> {
        const KEYTAB: &str = "sasl_kerberos_keytab";
        const PRINCIPAL: &str = "sasl_kerberos_principal";
        let before = self.faults.len();
        let service_name = self.text("sasl_kerberos_service_name").value();
        let principal = self.text(PRINCIPAL).value();
        let keytab = match (self.text(KEYTAB).value(), principal) {
            (Some(path), principal) => files::read(KEYTAB, Path::new(path), MAX_KEYTAB_BYTES)
                .and_then(|bytes| {
                    Keytab::select(path, &bytes, principal).map_err(|problem| {
                        let (problem, remedy) = match principal {
                            Some(name) if problem.starts_with("it is the keytab of") => (
                                format!("no key of {} is in it: {problem}", shorten(name, 120)),
                                "correct sasl_kerberos_principal, or give its keytab",
                            ),
                            _ => (problem, "give a keytab as kadmin's ktadd writes it"),
                        };
                        files::fault(KEYTAB, Path::new(path), &problem, remedy)
                    })
                })
                .map_err(|fault| self.faults.push(fault))
                .ok(),
            (None, Some(_)) => {
                self.fault(
                    PRINCIPAL,
                    "a principal without a keytab",
                    "give sasl_kerberos_keytab, or leave it out: the credential cache says who \
                     this client is",
                );
                None
            }
            (None, None) => None,
        };
        (self.faults.len() == before).then(|| Kerberos {
            service_name: service_name.unwrap_or("kafka").to_owned(),
            keytab,
        })
    }

    fn oauth(&mut self) -> Option<OAuthBearer> {
        const TOKEN: &str = "sasl_oauthbearer_token";
        const ENDPOINT: &str = "sasl_oauthbearer_token_endpoint_url";
        let before = self.faults.len();
        let token = self.secret(TOKEN);
        let others: Vec<String> = self
            .form
            .given()
            .filter(|field| {
                field.starts_with(ENDPOINT)
                    || *field == "https_ca_cert"
                    || (field.starts_with("sasl_oauthbearer_") && !field.starts_with(TOKEN))
            })
            .map(str::to_owned)
            .collect();
        if let Some(token) = token {
            if others.is_empty() {
                return Some(OAuthBearer::Token(token));
            }
            let problem = format!("a token beside {}", shorten(&others.join(", "), 200));
            self.fault(
                TOKEN,
                problem,
                "keep the token, or what one is asked for with",
            );
            return None;
        }
        if self.faults.len() > before {
            return None;
        }
        let with = "with OAUTHBEARER, unless sasl_oauthbearer_token is given";
        let endpoint = self.text(ENDPOINT);
        let remedy = "give the URL of the identity provider's token endpoint";
        let endpoint = self.required_with(ENDPOINT, endpoint, with, remedy);
        let endpoint = endpoint.and_then(|url| self.endpoint(ENDPOINT, url));
        let id = self.text("sasl_oauthbearer_client_id");
        let remedy = "give the client's id at the identity provider";
        let id = self.required_with("sasl_oauthbearer_client_id", id, with, remedy);
        let secret = self.required_secret("sasl_oauthbearer_client_secret", with);
        let scope = self.text("sasl_oauthbearer_scope").value();
        let extensions = self.text("sasl_oauthbearer_extensions").value();
        let ca = self.certificates("https_ca_cert");
        Some(OAuthBearer::ClientCredentials(ClientCredentials {
            token_endpoint: endpoint?,
            client_id: id?.to_owned(),
            client_secret: secret?,
            scope: scope.map(str::to_owned),
            extensions: extensions.map(str::to_owned),
            ca,
        }))
    }

    fn endpoint(&mut self, field: &str, given: &str) -> Option<String> {
        let url = Url::parse(given)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http") && url.username().is_empty());
        let Some(url) = url else {
            let problem = format!(
                "\"{}\" is not the URL of a token endpoint",
                shorten(given, 120)
            );
            self.fault(field, problem, "write it as https://host/path");
            return None;
        };
        if url.scheme() == "http" && !loopback(&url) {
            tracing::warn!(
                "{field} begins with http://: whoever can listen on the network learns the \
                 client's secret"
            );
        }
        Some(url.into())
    }
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
