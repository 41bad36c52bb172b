//! A token for OAUTHBEARER that the asset holds.

use std::error::Error;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rdkafka::client::OAuthToken;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// How long a token is used that doesn't say when it expires, in milliseconds: a day at a time.
const DAY_MS: i64 = 86_400_000;

/// A JWT's claims (RFC 7519) that matter here.
#[derive(Deserialize, Default)]
struct Claims {
    sub: Option<String>,
    /// Seconds since the Unix epoch.
    exp: Option<f64>,
}

/// The token as librdkafka takes it: with its owner and end, as the token itself tells them.
pub(super) fn current(token: &SecretString) -> Result<OAuthToken, Box<dyn Error>> {
    let text = token.expose_secret().trim();
    let claims = claims(text);
    let now = Timestamp::now().as_millisecond();
    let end = match claims.exp {
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        Some(seconds) => (seconds * 1000.0) as i64,
        None => now + DAY_MS,
    };
    if end <= now {
        let at = Timestamp::from_millisecond(end)
            .map_or_else(|_| "long ago".to_owned(), |at| format!("at {at:.0}"));
        return Err(format!("the token in sasl_oauthbearer_token expired {at}").into());
    }
    Ok(OAuthToken {
        token: text.to_owned(),
        principal_name: claims.sub.unwrap_or_default(),
        lifetime_ms: end,
    })
}

/// Opaque tokens have none.
fn claims(token: &str) -> Claims {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Claims::default();
    };
    BASE64_URL_SAFE_NO_PAD
        .decode(payload)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> SecretString {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", part(r#"{"alg":"none"}"#), part(claims)).into()
    }

    #[test]
    fn a_token_tells_its_owner_and_end() {
        let far = Timestamp::now().as_second() + 60;
        let token = current(&jwt(&format!(r#"{{"sub": "app", "exp": {far}}}"#))).unwrap();
        assert_eq!(token.principal_name, "app");
        assert_eq!(token.lifetime_ms, far * 1000);
    }

    #[test]
    fn a_token_past_its_end_is_not_used() {
        let error = current(&jwt(r#"{"sub": "app", "exp": 1700000000}"#)).err();
        assert_eq!(
            error.unwrap().to_string(),
            "the token in sasl_oauthbearer_token expired at 2023-11-14T22:13:20Z"
        );
    }

    #[test]
    fn an_opaque_token_is_taken_as_it_is() {
        let token = current(&"abc".into()).unwrap();
        assert_eq!(
            (token.token.as_str(), token.principal_name.as_str()),
            ("abc", "")
        );
        assert!(token.lifetime_ms > Timestamp::now().as_millisecond());
    }
}
